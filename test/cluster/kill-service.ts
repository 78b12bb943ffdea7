import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'vitest';
import { root } from '../contract/command.ts';
import type { Faults } from '../faults/faults.ts';
import { must } from './deployment.ts';

/** For tests of what only the machine of the nodes sees: processes of pods, and the API server's. */
export const testHere = test.skipIf(process.env.MUSTER_TEST_IMAGES !== undefined);

const preload = fileURLToPath(new URL('../faults/side-effects.ts', import.meta.url));

/** `muster serve` as a process of this machine, which the pods of the cluster's nodes reach. */
export type Server = {
  readonly process: ChildProcess;
  /** True once it listens, false when it ended before. */
  readonly listening: Promise<boolean>;
  readonly ended: Promise<void>;
};

export type Place = {
  readonly url: string;
  readonly store: string;
  /** Where its processes keep what is worth nothing to others. */
  readonly temporary: string;
  /** `faults` without a trace file: it goes where `trace` reads. */
  serve(faults?: Omit<Faults, 'traceFile'>): Server;
  /** What all servers wrote until now, and lines of their logs. */
  trace(): Promise<string[]>;
  readonly log: string[];
  /** Kills what still runs there, after a test that failed. */
  end(): Promise<void>;
};

/** Where `serve` finds its program: as the image carries it, which starts in half the time of its sources. */
export function bundleMuster(folder: string): string {
  const program = join(folder, 'muster.mjs');
  execFileSync(process.execPath, [join(root, 'scripts/bundle.ts'), program], { stdio: 'pipe' });
  return program;
}

export type PlaceOptions = {
  readonly folder: string;
  readonly namespace: string;
  /** Of `bundleMuster`. */
  readonly program: string;
  /** Without, everything goes through exec. */
  readonly packImage: string | undefined;
};

/** Starts again what of the cluster was killed. */
export async function startAgain(): Promise<void> {
  const up = () => promisify(execFile)(join(root, '..', 'shared', 'cluster', 'up'), ['--nodes', '2']);
  // The tool stumbles now and then over an address that it has given already; once more, and it sees that.
  await up().catch(up);
}

/** Where pods reach what listens on this machine. */
export function nodeAddress(): string {
  return must(['get', 'nodes', '-o', 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}']);
}

/** Where servers run, one after another: each has the same name, as containers of one pod have, and so the lease at once. */
export async function openPlace({ folder, namespace, program, packImage }: PlaceOptions): Promise<Place> {
  const host = nodeAddress();
  const [port, ingestPort] = [await freePort('127.0.0.1'), await freePort(host)];
  const store = join(folder, 'store');
  const traceFile = join(folder, 'trace');
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const packing = [`--ingest-listen=${host}:${ingestPort}`, `--ingest-url=https://${host}:${ingestPort}`];
  const args = [
    program,
    'serve',
    '--auth=none',
    `--listen=127.0.0.1:${port}`,
    `--store=${store}`,
    `--namespace=${namespace}`,
    `--replicas-lease=${namespace}`,
    ...(packImage === undefined ? [] : [...packing, `--pack-image=${packImage}`]),
  ];
  const log: string[] = [];
  const servers = new Set<Server>();
  return {
    url: `http://127.0.0.1:${port}`,
    store,
    temporary,
    log,
    serve: (faults = {}) => {
      const env = {
        ...process.env,
        POD_NAME: 'killed-often',
        TMPDIR: temporary,
        MUSTER_FAULTS: JSON.stringify({ ...faults, traceFile } satisfies Faults),
      };
      const child = spawn(process.execPath, ['--import', preload, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      const ended = once(child, 'exit').then(() => undefined);
      let isListening: (is: boolean) => void;
      const listening = new Promise<boolean>((resolve) => {
        isListening = resolve;
      });
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          log.push(line);
          if (line.includes('"listening"')) isListening(true);
        });
      }
      ended.then(() => isListening(false)).catch(() => undefined); // `ended` tells
      const server = { process: child, listening, ended };
      servers.add(server);
      ended.then(() => servers.delete(server)).catch(() => undefined); // `ended` tells
      return server;
    },
    end: async () => {
      for (const { process: child, ended } of servers) {
        child.kill('SIGKILL');
        await ended;
      }
    },
    trace: async () => (await readFile(traceFile, 'utf8').catch(() => '')).split('\n').slice(0, -1),
  };
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
