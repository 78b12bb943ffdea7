import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { namespaces } from '../../src/kube/kinds.ts';
import { bin, freePort, PACKER_IMAGE, type ServiceWorld } from '../sandbox/service-world.ts';

/** A line of the service's log. */
export type LogLine = { readonly level?: string; readonly message: string; readonly [field: string]: unknown };

/** `muster serve` as a process of its own, beside a sandbox. */
export type ServeProcess = {
  readonly url: string;
  readonly pid: number;
  readonly log: LogLine[];
  /** Everything that it keeps in files: `store/objects`, `store/temporary` and `tmp` are empty when nothing is left. */
  readonly home: string;
  signal(name: NodeJS.Signals): void;
  /** In order. Throws when it does not end. */
  stop(): Promise<void>;
  kill(): Promise<void>;
};

export type ServeOptions = {
  /** A folder of this name; that of an earlier process means its store. */
  readonly home: string;
  /** Of the pod that it would be in. */
  readonly identity?: string;
  /** For node: `--expose-gc`, preloads. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Without, everything comes through exec. True unless told. */
  readonly hasPackers?: boolean;
};

export const NAMESPACE = 'muster';
const STOPPED_WITHIN_MS = 40_000;

/** Modules for `--import`. */
export const preloads = {
  meterHeap: fileURLToPath(new URL('./meter-heap.ts', import.meta.url)),
  shiftClock: fileURLToPath(new URL('./shift-clock.ts', import.meta.url)),
};

/** Where processes of `startServe` have their reports; once for each sandbox. */
export async function makeNamespace({ kube }: ServiceWorld): Promise<void> {
  await kube.create(namespaces, { metadata: { name: NAMESPACE } });
}

/** Starts it, without tokens. Throws when it ends before it listens. */
export async function startServe(world: ServiceWorld, options: ServeOptions): Promise<ServeProcess> {
  const { identity = options.home, nodeArgs = [], env = {}, hasPackers = true } = options;
  const home = join(world.folder, options.home);
  const temporary = join(home, 'tmp', identity);
  await mkdir(temporary, { recursive: true });
  const ingest = `127.0.0.1:${await freePort()}`;
  const packing = [`--ingest-listen=${ingest}`, `--ingest-url=https://${ingest}`, `--pack-image=${PACKER_IMAGE}`];
  const args = [
    ...nodeArgs,
    bin,
    'serve',
    `--kubeconfig=${world.kubeconfigFile}`,
    '--auth=none',
    '--listen=127.0.0.1:0',
    `--namespace=${NAMESPACE}`,
    `--store=${join(home, 'store')}`,
    ...(hasPackers ? packing : []),
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, POD_NAME: identity, TMPDIR: temporary, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const log: LogLine[] = [];
  const url = await untilListening(child, log);
  return {
    url,
    pid: child.pid ?? 0,
    log,
    home,
    signal: (name) => child.kill(name),
    stop: async () => {
      const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
      child.kill('SIGTERM');
      const [code] = await ended;
      clearTimeout(late);
      if (code === null) throw new Error('it did not stop in order');
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Its address. Throws when it ends before. */
export function untilListening(child: ChildProcess, log: LogLine[]): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${JSON.stringify(log.slice(-3))}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as LogLine;
      log.push(line);
      if (line.message === 'listening') resolve(String(line.url));
    });
  });
}
