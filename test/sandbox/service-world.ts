import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Image, imageOf } from '../../sandbox/kubelet/images.ts';
import { startEmpty, startSample } from '../../sandbox/sample/start-sample.ts';
import { connect } from '../../src/kube/connect.ts';
import { realTimers } from '../../src/kube/timers.ts';
import { createOpenAccess } from '../../src/server/open-access.ts';
import { type Service, type ServiceOptions, startService } from '../../src/server/service.ts';
import { createServiceLogger } from '../../src/server/service-logger.ts';
import type { ServerTls } from '../../src/server/tls.ts';
import { folderKeeper } from '../../src/server/tls-keepers.ts';
import { openMadeTls } from '../../src/server/tls-made.ts';
import { openDirectoryStore } from '../../src/store/directory-store.ts';

type ServiceWorldOptions = { readonly sample?: boolean; readonly moreImages?: readonly Image[] };

/** Muster itself, as the image of packers. */
export const PACKER_IMAGE = 'test.invalid/muster:dev';
const packerImage = () =>
  imageOf({ names: [PACKER_IMAGE], entrypoint: [process.execPath, bin] }, join(tmpdir(), 'no files of its own'));
/** Muster's program, from its sources. */
export const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));

/** For tests: the service on a sandbox, without tokens. */
export type ServiceWorld = Awaited<ReturnType<typeof startServiceWorld>>;

export async function startServiceWorld({ sample = true, moreImages = [] }: ServiceWorldOptions = {}) {
  const all = { moreImages: [await packerImage(), ...moreImages] };
  const sandbox = await (sample ? startSample(all) : startEmpty(all));
  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  await writeFile(kubeconfigFile, sandbox.kubeconfig, { mode: 0o600 });
  const kube = await connect({ env: { KUBECONFIG: kubeconfigFile } });
  const store = await openDirectoryStore(join(folder, 'store'), { sweepBeforeMs: 0 });
  const lines: string[] = [];
  const running: Service[] = [];
  const tlsOpen: ServerTls[] = [];
  let begun = 0;
  const start = async (more: Partial<ServiceOptions> = {}): Promise<Service> => {
    begun += 1;
    const service = await startService({
      kube,
      store,
      namespace: 'default',
      workDirectory: join(folder, `work-${begun}`),
      listen: { host: '127.0.0.1', port: 0 },
      access: createOpenAccess('127.0.0.1'),
      signIn: { auth: 'none' },
      usualImages: {},
      gathersAtOnce: 4,
      keep: {},
      clientVersion: 'test',
      identity: `process-${begun}`,
      leaseName: 'muster',
      log: createServiceLogger((line) => lines.push(line), Date.now),
      ...more,
    });
    running.push(service);
    return service;
  };
  /** What makes the service meet packers, at a port of its own. */
  const withPackers = async (image = PACKER_IMAGE): Promise<Partial<ServiceOptions>> => {
    const tls = await openMadeTls({
      keeper: folderKeeper(join(folder, 'tls')),
      names: [],
      timers: realTimers,
      say: () => undefined,
    });
    tlsOpen.push(tls);
    const port = await freePort();
    const ingestUrl = `https://127.0.0.1:${port}`;
    return {
      ingest: { listen: { host: '127.0.0.1', port }, tls },
      packer: { image, ingestUrl, ingestCa: tls.caPem() ?? '' },
    };
  };
  return {
    withPackers,
    sandbox,
    kube,
    store,
    folder,
    kubeconfigFile,
    /** Lines of the services' logs. */
    lines,
    start,
    async close() {
      await Promise.all(running.map((service) => service.stop()));
      for (const tls of tlsOpen) tls.close();
      await kube.close();
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** JSON of one request; a report as REST shows it. */
export type RestAnswer = { readonly status: number; readonly body: Record<string, unknown> };

export async function ask(url: string, method = 'GET', body?: object, token?: string): Promise<RestAnswer> {
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

/** The report, once it has one of the states. */
export async function untilState(url: string, states: readonly string[], withinMs = 60_000) {
  const lateAtMs = Date.now() + withinMs;
  for (;;) {
    const { body } = await ask(url);
    if (states.includes(String(body.status))) return body;
    if (Date.now() > lateAtMs) throw new Error(`still ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
