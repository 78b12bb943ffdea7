import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../sandbox/service-world.ts';
import { must } from './deployment.ts';
import { type Answer, callAs, type Wish } from './live-service.ts';

// `muster serve` as a process of this machine, with the account that deploy/base gives the server, and so its rights.

export type LimitedServer = {
  /** What it wrote until now. */
  readonly log: readonly string[];
  /** True once it listens, false when it ended before. */
  readonly listening: Promise<boolean>;
  call(method: string, path: string, wish?: Wish): Promise<Answer>;
  /** Ends it at once, and removes its files. */
  end(): Promise<void>;
};

export type LimitedOptions = {
  readonly folder: string;
  /** Muster in one file. */
  readonly program: string;
  /** A pod of namespace `muster` that it takes for its own. */
  readonly podName: string;
  /** Without, everything goes through exec. */
  readonly withPackers: boolean;
};

export async function serveLimited({ folder, program, podName, withPackers }: LimitedOptions): Promise<LimitedServer> {
  const own = await mkdtemp(join(folder, 'limited-'));
  const temporary = join(own, 'tmp');
  await mkdir(temporary);
  const host = must(['get', 'nodes', '-o', 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}']);
  const [port, ingestPort] = [await freePort(), await freePort()];
  const kubeconfig = join(own, 'kubeconfig');
  await writeFile(kubeconfig, serverKubeconfig(), { mode: 0o600 });
  const args = [
    ...['serve', `--kubeconfig=${kubeconfig}`, `--listen=127.0.0.1:${port}`, `--store=${join(own, 'store')}`],
    ...(withPackers ? [`--ingest-listen=${host}:${ingestPort}`, `--ingest-url=https://${host}:${ingestPort}`] : []),
  ];
  const env = { PATH: process.env.PATH, TMPDIR: temporary, POD_NAME: podName, POD_NAMESPACE: 'muster' };
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit').then(() => false);
  const log: string[] = [];
  return {
    log,
    listening: Promise.race([listens(child, log), ended]),
    call: (method, path, wish = {}) => callAs({ ca: ownAuthority(), port, method, path }, wish),
    end: async () => {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended;
      await rm(own, { recursive: true });
    },
  };
}

function listens(child: ChildProcess, log: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log.push(line);
        if (line.includes('"listening"')) resolve(true);
      });
    }
  });
}

/** The way of KUBECONFIG to the cluster, with the token of the server's account. */
function serverKubeconfig(): string {
  const config = JSON.parse(must(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'])) as {
    users: { name: string; user: object }[];
  };
  const token = must(['create', 'token', 'muster', '-n', 'muster', '--duration=2h']).trim();
  return JSON.stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
}

function ownAuthority(): string {
  const secret = ['get', 'secret', 'muster-tls', '-n', 'muster', '-o', 'jsonpath={.data.ca\\.crt}'];
  return Buffer.from(must(secret), 'base64').toString();
}
