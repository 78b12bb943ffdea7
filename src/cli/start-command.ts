import { open } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { openArchive } from '../archive/read-archive.ts';
import { treeOf } from './archive-tree.ts';
import { gather } from './gather-command.ts';
import { type OpenSandbox, openSandbox } from './open-sandbox.ts';
import type { Program } from './program.ts';
import { startSampleService } from './sample-service.ts';
import { interrupted } from './sandbox-command.ts';

type StartFlags = { on?: string; current?: boolean; once?: boolean };

/** The levels of the archive's tree that a first look wants: its top, its gathers, and what each of them has. */
const TREE_DEPTH = 3;

/** `muster start`, which is `npm start`: Muster at work, served on a sandbox of its own, or gathering a cluster. */
export function addStartCommand(root: Command, program: Program): void {
  root
    .command('start')
    .description('try Muster: serves a sample cluster in a sandbox, or gathers a real one, and shows what came of it')
    .addOption(new Option('--on <context>', 'gather the cluster of this context').conflicts('current'))
    .option('--current', 'gather the current cluster (KUBECONFIG, else ~/.kube/config)')
    .option('--once', 'end after the first report, and the sandbox with it')
    .action(async (flags: StartFlags) => {
      program.exitCode = await start(program, flags);
    });
}

async function start(program: Program, { on, current = false, once = false }: StartFlags): Promise<number> {
  if (on !== undefined || current) {
    const { exitCode, archive } = await gather(program, on === undefined ? {} : { context: on }, []);
    await showTree(program, archive?.file);
    return exitCode;
  }
  const sandbox = await openSandbox({ empty: false });
  try {
    program.stdout.write(`A sample cluster is up in a sandbox at ${sandbox.server}. It is no real cluster.\n`);
    return await serveSample(program, sandbox, once);
  } finally {
    await sandbox.close();
  }
}

async function serveSample(program: Program, sandbox: OpenSandbox, once: boolean): Promise<number> {
  const { stdout, stderr, interrupt } = program;
  const service = await startSampleService(sandbox, (line) => stderr.write(line));
  try {
    stdout.write(`Muster serves it at ${service.url}/\n\nGathering a first report …\n`);
    const { id, phase, sha256 } = await service.report(interrupt);
    const file = await freeName(`must-gather-sample`);
    await service.download(id, file, interrupt);
    stdout.write(`Report ${id} is ${phase}: ${file}  sha256:${sha256}\n`);
    await showTree(program, file);
    if (!once && !interrupt.aborted) {
      stdout.write(nextSteps(sandbox, service.url, file));
      await interrupted(interrupt);
    }
    return phase === 'Completed' ? 0 : 1;
  } finally {
    await service.stop();
  }
}

/** Nothing of a person's is overwritten. */
async function freeName(base: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const file = `${base}${number === 1 ? '' : `-${number}`}.tar.gz`;
    try {
      await (await open(file, 'wx')).close();
      return file;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

async function showTree(program: Program, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const archive = await openArchive(file);
  try {
    program.stdout.write(`\n${(await treeOf(archive.entries(), TREE_DEPTH)).join('\n')}\n`);
  } finally {
    await archive.close();
  }
}

function nextSteps({ kubeconfigFile }: OpenSandbox, url: string, file: string): string {
  const muster = 'npm run -s muster --';
  return [
    '',
    `Sandbox and service are still up. Open ${url}/ in a browser: the pages.`,
    'Or in another terminal, in this folder:',
    `  ${muster} view ${file}`,
    `  curl -X POST -H 'Content-Type: application/json' -d '{"components": ["cluster"]}' ${url}/must-gather`,
    `  curl ${url}/must-gather               all reports`,
    `  curl -OJ ${url}/must-gather/1/data    the archive of one`,
    `  export KUBECONFIG=${kubeconfigFile}`,
    `  ${muster} gather --since 8h          a report without the service`,
    `  ${muster} inspect ns/sample-shop     one namespace, without a gather image`,
    '  kubectl -n muster get mustgatherreports          if you have kubectl',
    '',
    'On a real cluster:  npm start -- --current, or npm start -- --on CONTEXT',
    'Ctrl-C ends the sandbox; nothing of it is kept. The archive stays.',
    '',
  ].join('\n');
}
