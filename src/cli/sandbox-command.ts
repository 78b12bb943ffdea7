import type { Command } from 'commander';
import { invalidInput } from '../report/refusal.ts';
import { openSandbox } from './open-sandbox.ts';
import type { Program } from './program.ts';

type SandboxFlags = { listen?: string; empty?: boolean };

/** `muster sandbox`: a small Kubernetes in this process, for trying Muster out, until it is interrupted. */
export function addSandboxCommand(root: Command, program: Program): void {
  root
    .command('sandbox')
    .description('a small Kubernetes in this process, with a sample cluster in it, to try Muster on')
    .option('--listen <host:port>', 'loopback address to listen on (default: 127.0.0.1 and a free port)')
    .option('--empty', 'without the sample cluster')
    .action(async ({ listen, empty = false }: SandboxFlags) => {
      program.exitCode = await runSandbox(program, { ...listenAt(listen), empty });
    });
}

async function runSandbox(program: Program, options: Parameters<typeof openSandbox>[0]): Promise<number> {
  const sandbox = await openSandbox(options);
  try {
    program.stderr.write(
      [
        `A sandbox is up at ${sandbox.server}: a small Kubernetes in this process. It is no cluster, listens on loopback`,
        'only, and keeps nothing when it ends (Ctrl-C). Its containers are processes of this machine.',
        options.empty ? 'It is empty.' : 'It holds a sample cluster. In another terminal:',
        '',
        '',
      ].join('\n'),
    );
    program.stdout.write(`export KUBECONFIG=${sandbox.kubeconfigFile}\n`);
    await interrupted(program.interrupt);
  } finally {
    await sandbox.close();
  }
  return 0;
}

/** Settles at the first Ctrl-C. */
export function interrupted(interrupt: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (interrupt.aborted) resolve();
    else interrupt.addEventListener('abort', () => resolve(), { once: true });
  });
}

function listenAt(listen: string | undefined): { address?: string; port?: number } {
  if (listen === undefined) return {};
  const { v6, host, port } = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d+)$/.exec(listen)?.groups ?? {};
  const address = v6 ?? host;
  if (address === undefined || Number(port) > 65_535) throw invalidInput('--listen', `"${listen}": expected HOST:PORT`);
  if (!/^127\.|^::1$|^localhost$/.test(address)) {
    throw invalidInput('--listen', `"${address}": the sandbox listens on loopback only`);
  }
  return { address: address === 'localhost' ? '127.0.0.1' : address, port: Number(port) };
}
