import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { forward, type Target } from './forward.ts';

/** At least as strict as the console's, which allows inline styles and `eval` beside this; and enforced. */
const POLICY = [
  "default-src 'self'",
  "base-uri 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "frame-src 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** What the console adds to answers of its proxy for plugins. */
const PROXY_HEADERS = {
  'content-security-policy': 'sandbox;',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

const STATIC = '/static/';
const PLUGIN = '/api/plugins/muster/';
const WORDS = '/locales/resource.json';
const API = '/api/kubernetes/';
const SERVICE = '/api/proxy/plugin/muster/muster/';

const SESSION = 'openshift-session-token';
const CSRF = 'csrf-token';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export type HostOptions = {
  /** Where the built page is. */
  readonly folder: string;
  /** The cluster's API, and the service as the console reaches it. */
  readonly api: Target;
  readonly service: Target;
  /** Of the console that it stands for; 4.22.0 unless told. */
  readonly release?: string;
};

export type Cookie = {
  readonly name: string;
  readonly value: string;
  readonly url: string;
  readonly httpOnly: boolean;
};

/** One file of the plugin that a browser fetched, and its size as it was sent. */
export type Fetched = { readonly path: string; readonly sizeBytes: number };

export type ConsoleHost = {
  readonly url: string;
  /** Signs somebody in who holds the token: cookies of their session. The browser never has the token itself. */
  signIn(token: string): readonly Cookie[];
  /** Files of the plugin that browsers fetched so far. */
  readonly fetched: readonly Fetched[];
  close(): Promise<void>;
};

/**
 * Serves the host's page, and passes on what it asks for as the console's backend does: `/api/kubernetes/` to the cluster's
 * API and `/api/proxy/plugin/muster/muster/` to the service, both with the token of whoever is signed in; `/api/plugins/muster/`
 * to the service's `/plugin/`, without one.
 */
export async function startConsoleHost(options: HostOptions): Promise<ConsoleHost> {
  const { folder, service, release = '4.22.0' } = options;
  const sessions = new Map<string, string>();
  const fetched: Fetched[] = [];
  const index = (await readFile(join(folder, 'index.html'), 'utf8')).replace('%CONSOLE_RELEASE%', release);
  const answer: Answer = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
    if (pathname.startsWith(STATIC)) return sendFile(response, folder, pathname.slice(STATIC.length));
    if (pathname.startsWith(PLUGIN)) {
      const path = pathname.slice(PLUGIN.length);
      const onEnd = (sizeBytes: number) => fetched.push({ path, sizeBytes });
      return forward(request, response, service, `/plugin/${path}`, { onEnd });
    }
    if (pathname === WORDS) {
      const words = `/plugin/locales/${searchParams.get('lng')}/${searchParams.get('ns')}.json`;
      return forward(request, response, service, words, {});
    }
    const isProxied = pathname.startsWith(API) || pathname.startsWith(SERVICE);
    return isProxied ? passOn(request, response, options, sessions) : sendIndex(response, index);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, 502, String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    signIn: (token) => {
      const session = randomBytes(16).toString('hex');
      sessions.set(session, token);
      return [
        { name: SESSION, value: session, url, httpOnly: true },
        { name: CSRF, value: randomBytes(16).toString('hex'), url, httpOnly: false },
      ];
    },
    fetched,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** To the API or the service, in the name of whoever is signed in. */
async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { api, service }: HostOptions,
  sessions: ReadonlyMap<string, string>,
): Promise<void> {
  const cookies = cookiesOf(request);
  const token = sessions.get(cookies.get(SESSION) ?? '');
  if (token === undefined) return refuse(response, 401, 'Unauthorized');
  if (!isSafe(request) && !isFromHere(request, cookies)) {
    return refuse(response, 403, 'invalid CSRFToken: it is missing or another than the cookie has');
  }
  const path = request.url ?? '/';
  if (path.startsWith(API)) return forward(request, response, api, `/${path.slice(API.length)}`, { token });
  return forward(request, response, service, `/${path.slice(SERVICE.length)}`, { token, headers: PROXY_HEADERS });
}

const isSafe = ({ method = 'GET' }: IncomingMessage) => ['GET', 'HEAD', 'OPTIONS'].includes(method);

/** A page of another site can send the cookie, but cannot read it. */
function isFromHere({ headers }: IncomingMessage, cookies: ReadonlyMap<string, string>): boolean {
  const expected = cookies.get(CSRF) ?? '';
  return expected !== '' && headers['x-csrftoken'] === expected;
}

function cookiesOf({ headers }: IncomingMessage): Map<string, string> {
  const pairs = (headers.cookie ?? '').split('; ').map((pair) => pair.split('='));
  return new Map(pairs.map(([name = '', value = '']) => [name, value]));
}

async function sendFile(response: ServerResponse, folder: string, name: string): Promise<void> {
  try {
    const bytes = await readFile(join(folder, normalize(`/${name}`)));
    response.writeHead(200, { 'content-type': contentTypes[extname(name)] ?? 'application/octet-stream' }).end(bytes);
  } catch {
    refuse(response, 404, 'Not Found');
  }
}

function sendIndex(response: ServerResponse, index: string): void {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY };
  response.writeHead(200, { ...headers, 'cache-control': 'no-store' }).end(index);
}

/** As Go's `http.Error`, which the console's backend uses: plain text. */
function refuse(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
