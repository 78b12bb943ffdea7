import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';
import type { ClientOptions } from 'ws';
import type { Credentials, CredentialsSource, Headers, TlsSettings } from './credentials.ts';
import type { Timers } from './timers.ts';

/** What is needed to send one request: who asks, and by which connections. */
export type Session = {
  readonly headers: Headers;
  readonly dispatcher: Dispatcher;
  readonly socketOptions: ClientOptions;
};

/** One set of connections to one API server; made anew only when certificates change. */
export type Transport = {
  session(): Promise<Session>;
  /** Asks for credentials again: those in use were not taken. */
  renew(): Promise<Session>;
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
  let remembered: { session: Promise<Session>; atMs: number } | undefined;

  const load = (fresh: boolean): Promise<Session> => {
    const session = credentials(fresh).then((found) => {
      const key = fingerprint(found.tls);
      const dispatcher = dispatchers.get(key) ?? openDispatcher(found.tls, proxyUrl);
      dispatchers.set(key, dispatcher);
      return { headers: found.headers, dispatcher, socketOptions: socketOptions(found) };
    });
    const entry = { session, atMs: timers.now() };
    remembered = entry;
    // A failure is not remembered; whoever awaits the session hears of it.
    session.catch(() => {
      if (remembered === entry) remembered = undefined;
    });
    return session;
  };

  return {
    session: () => {
      const isFresh = remembered !== undefined && timers.now() - remembered.atMs < rememberedMs;
      return remembered !== undefined && isFresh ? remembered.session : load(false);
    },
    renew: () => load(true),
    close: async () => {
      const open = [...dispatchers.values()];
      dispatchers.clear();
      await Promise.all(open.map((dispatcher) => dispatcher.destroy()));
    },
  };
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

function fingerprint(tls: TlsSettings): string {
  return createHash('sha256').update(JSON.stringify(tls)).digest('hex');
}
