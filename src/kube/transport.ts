import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';
import type { ClientOptions } from 'ws';
import { orAborted } from './abort.ts';
import type { Credentials, CredentialsSource, Headers, TlsSettings } from './credentials.ts';
import { isUnauthorized } from './errors.ts';
import type { Timers } from './timers.ts';

/** What is needed to send one request: who asks, and by which connections. */
export type Session = {
  readonly headers: Headers;
  readonly dispatcher: Dispatcher;
  readonly socketOptions: ClientOptions;
  /** Differs where the credentials do; a digest. */
  readonly identity: string;
};

/** One set of connections to one API server; made anew only when certificates change. */
export type Transport = {
  session(): Promise<Session>;
  /** Credentials other than those that were refused: what came since, or else asked for again, once for all callers. */
  renew(refused: Session): Promise<Session>;
  close(): Promise<void>;
};

export type TransportOptions = {
  readonly credentials: CredentialsSource;
  readonly proxyUrl?: string | undefined;
  readonly timers: Timers;
};

// Reading certificate and token files for each of thousands of requests would be felt; 10 s late is not.
const rememberedMs = 10_000;

export function openTransport({ credentials, proxyUrl, timers }: TransportOptions): Transport {
  const dispatchers = new Map<string, Dispatcher>();
  /** `atMs`: since when it is known, which a login may take minutes to; until then all wait for the same one. */
  let remembered: { session: Promise<Session>; atMs: number } | undefined;

  const load = (fresh: boolean): Promise<Session> => {
    const session = credentials(fresh).then((found) => {
      const key = fingerprint(found.tls);
      const dispatcher = dispatchers.get(key) ?? openDispatcher(found.tls, proxyUrl);
      dispatchers.set(key, dispatcher);
      const identity = fingerprint([key, found.headers]);
      return { headers: found.headers, dispatcher, socketOptions: socketOptions(found), identity };
    });
    const entry = { session, atMs: Number.POSITIVE_INFINITY };
    remembered = entry;
    // A failure is not remembered; whoever awaits the session hears of it.
    session.then(
      () => {
        entry.atMs = timers.now();
      },
      () => {
        if (remembered === entry) remembered = undefined;
      },
    );
    return session;
  };

  let renewing: Promise<Session> | undefined;
  const renew = async (refused: Session): Promise<Session> => {
    const latest = await remembered?.session;
    return latest === undefined || latest.identity === refused.identity ? load(true) : latest;
  };

  return {
    session: () => {
      const isFresh = remembered !== undefined && timers.now() - remembered.atMs < rememberedMs;
      return remembered !== undefined && isFresh ? remembered.session : load(false);
    },
    renew: (refused) => {
      // A plugin may open a browser, and a token that expires is refused to all requests that are under way.
      renewing ??= renew(refused).finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
    close: async () => {
      const open = [...dispatchers.values()];
      dispatchers.clear();
      await Promise.all(open.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/** Does `send` with a session of `transport`, and once more with other credentials when those are not taken. */
export async function withSession<T>(
  transport: Transport,
  signal: AbortSignal,
  send: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await orAborted(transport.session(), signal);
  try {
    return await send(session);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    return send(await orAborted(transport.renew(session), signal));
  }
}

function openDispatcher(tls: TlsSettings, proxyUrl: string | undefined): Dispatcher {
  const connect = { ...tls, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 };
  const options = {
    // HTTP/1.1: with a connection of its own, a slow reader or a mute socket holds up nobody else's stream.
    allowH2: false,
    // Deadlines are the callers': a followed log or a watch may be silent for long.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxyUrl === undefined) return new Agent({ ...options, connect });
  if (proxyUrl.startsWith('socks5')) return new Socks5ProxyAgent(proxyUrl, { ...options, requestTls: connect });
  return new ProxyAgent({ ...options, uri: proxyUrl, requestTls: connect });
}

function socketOptions({ tls, agent }: Credentials): ClientOptions {
  return agent === undefined ? { ...tls } : { ...tls, agent };
}

function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
