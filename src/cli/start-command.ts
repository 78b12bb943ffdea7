import { type Command, Option } from 'commander';
import { openArchive } from '../archive/read-archive.ts';
import { treeOf } from './archive-tree.ts';
import { gather } from './gather-command.ts';
import { type OpenSandbox, openSandbox } from './open-sandbox.ts';
import type { Program } from './program.ts';
import { interrupted } from './sandbox-command.ts';

type StartFlags = { on?: string; current?: boolean; once?: boolean };

/** The levels of the archive's tree that a first look wants: its top, its gathers, and what each of them has. */
const TREE_DEPTH = 3;

/** `muster start`, which is `npm start`: shows Muster at work, on a sandbox of its own or on a cluster. */
export function addStartCommand(root: Command, program: Program): void {
  root
    .command('start')
    .description('try Muster: gathers a sample cluster in a sandbox, or a real one, and shows what came of it')
    .addOption(new Option('--on <context>', 'gather the cluster of this context').conflicts('current'))
    .option('--current', 'gather the current cluster (KUBECONFIG, else ~/.kube/config)')
    .option('--once', 'end after the gather, and the sandbox with it')
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
    program.stdout.write(`A sample cluster is up in a sandbox at ${sandbox.server}. It is no real cluster.\n\n`);
    const flags = { kubeconfig: sandbox.kubeconfigFile, allImages: true };
    const { exitCode, archive } = await gather(program, flags, []);
    await showTree(program, archive?.file);
    if (once || program.interrupt.aborted) return exitCode;
    program.stdout.write(nextSteps(sandbox, archive?.file));
    await interrupted(program.interrupt);
    return exitCode;
  } finally {
    await sandbox.close();
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

function nextSteps({ kubeconfigFile }: OpenSandbox, archiveFile: string | undefined): string {
  const muster = 'npm run -s muster --';
  const look = archiveFile === undefined ? [] : [`  ${muster} view ${archiveFile}`];
  return [
    '',
    'The sandbox is still up. In another terminal, in this folder:',
    ...look,
    `  export KUBECONFIG=${kubeconfigFile}`,
    `  ${muster} gather --since 8h          another report of the sample cluster`,
    `  ${muster} inspect ns/sample-shop     one namespace, without a gather image`,
    '  kubectl get clusteroperators                     if you have kubectl: one of them is degraded',
    '',
    'On a real cluster:  npm start -- --current, or npm start -- --on CONTEXT',
    'Ctrl-C ends the sandbox; nothing of it is kept. The archive stays.',
    '',
  ].join('\n');
}
