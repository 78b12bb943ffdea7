import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createS3Rules, type Forwarded, type S3Request, type S3Rules, type S3Answer as Told } from './s3-rules.ts';

/** What goes wrong with a request: an answer in place of the server's, one after it has done its work, or a body without its end. */
export type Fault = {
  readonly instead?: { readonly status: number; readonly code: string; readonly message?: string };
  readonly afterwards?: { readonly status: number; readonly code: string };
  readonly cutAfterBytes?: number;
  /** A body of which no more comes, while its connection stays. */
  readonly stallAfterBytes?: number;
};

export type S3Server = {
  readonly bucket: string;
  readonly endpoint: string;
  readonly env: Readonly<Record<string, string>>;
  /** All that was asked, faults as well. */
  readonly requests: S3Request[];
  /** Asked for each request; none at first. */
  fault: (request: S3Request) => Fault | undefined;
  /** Answers a request that came another way. */
  handle(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** The keys of uploads that were neither completed nor aborted. */
  uploads(): string[];
  end(): Promise<void>;
};

const bucket = 'muster-test';

/**
 * s3rver in a process of its own, behind a proxy that refuses what S3 refuses and that one does not (s3-rules.ts), and
 * fails when told to. It checks no signature and has no bucket policies.
 */
export async function startS3Server(host = '127.0.0.1'): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'muster-s3-'));
  const program = new URL('./s3rver-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, directory, bucket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  const rules = createS3Rules(Number(String(said)));
  const proxy = createServer();
  await once(proxy.listen(0, host), 'listening');
  const { port } = proxy.address() as AddressInfo;
  const endpoint = `http://${host}:${port}`;
  const server: S3Server = {
    bucket,
    endpoint,
    env: { MUSTER_S3_ENDPOINT: endpoint, MUSTER_S3_ACCESS_KEY_ID: 'S3RVER', MUSTER_S3_SECRET_ACCESS_KEY: 'S3RVER' },
    requests: [],
    fault: () => undefined,
    handle: (incoming, outgoing) => {
      answer(server, rules, incoming, outgoing).catch(() => outgoing.destroy());
    },
    uploads: rules.uploads,
    end: async () => {
      proxy.close();
      proxy.closeAllConnections();
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
  proxy.on('request', server.handle);
  return server;
}

async function answer(
  server: S3Server,
  rules: S3Rules,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  // Whole or not at all: a body that is cut, S3 throws away, and s3rver keeps.
  const body = await buffer(incoming);
  const { pathname, searchParams: query } = new URL(incoming.url ?? '/', 'http://s3');
  const key = decodeURIComponent(pathname.split('/').slice(2).join('/'));
  const { method = '', headers } = incoming;
  const asked: S3Request = { method, path: pathname, key, query, headers, body };
  server.requests.push(asked);
  const fault = server.fault(asked);
  const told = fault?.instead ?? (await rules.answer(asked));
  if (told) return tell(outgoing, told);
  const forwarded = await rules.forward(asked);
  if (fault?.afterwards) tell(outgoing, fault.afterwards);
  else await pass(forwarded, outgoing, fault ?? {});
}

function tell(outgoing: ServerResponse, { status, code, message = 'told to', xml }: Told): void {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  outgoing.writeHead(status, { 'content-type': 'application/xml' });
  outgoing.end(status === 204 ? undefined : `<?xml version="1.0" encoding="UTF-8"?>\n${xml ?? error}`);
}

async function pass(forwarded: Forwarded, outgoing: ServerResponse, fault: Fault): Promise<void> {
  outgoing.writeHead(forwarded.status, forwarded.headers);
  outgoing.flushHeaders();
  await pipeline(upTo(fault, forwarded.body), outgoing);
}

async function* upTo(fault: Fault, body: Forwarded['body']): AsyncGenerator<Uint8Array> {
  const mostBytes = fault.cutAfterBytes ?? fault.stallAfterBytes ?? Number.POSITIVE_INFINITY;
  let passed = 0;
  for await (const chunk of body) {
    const rest = chunk.subarray(0, mostBytes - passed);
    passed += rest.length;
    yield rest;
    if (passed < mostBytes) continue;
    if (fault.cutAfterBytes !== undefined) throw new Error('told to cut it');
    await new Promise(() => undefined);
  }
}
