import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { defaultInspection } from '../inspect/default-inspection.ts';
import type { InspectOptions } from '../inspect/inspect.ts';
import { inspect } from '../inspect/inspect.ts';
import { connect } from '../kube/connect.ts';
import { durationMs, parsePositiveDuration } from '../report/duration.ts';
import { MusterError } from '../report/errors.ts';
import { parseTime } from '../report/time.ts';
import type { KubeFlags } from './kube-flags.ts';
import { addKubeFlags, connectOptions } from './kube-flags.ts';
import type { Program } from './program.ts';

type InspectFlags = KubeFlags & {
  namespace?: string;
  allNamespaces?: boolean;
  destDir?: string;
  eventsFile?: string;
  since?: string;
  sinceTime?: string;
  rotatedPodLogs?: boolean;
};

/** Something could not be read; the rest was written. */
const INCOMPLETE = 1;

/** `muster inspect`: `oc adm inspect` by its flags and paths. */
export function addInspectCommand(root: Command, program: Program): void {
  const command = root
    .command('inspect')
    .description('dump objects, their pods and logs in the must-gather layout')
    .argument(
      '[resource...]',
      'TYPE, TYPE/NAME or TYPE.VERSION.GROUP, also as lists: ns/shop, nodes; none: the whole cluster',
    )
    .option('-n, --namespace <namespace>', 'namespace of the resources')
    .option('-A, --all-namespaces', 'resources of all namespaces')
    .option('--dest-dir <dir>', 'folder to write to (default: inspect.local.<random> here)')
    .option('--events-file <file>', 'write the events page of this events.yaml, and nothing else')
    .option('--since <duration>', 'only logs newer than this, such as 5s, 2m or 3h')
    .option('--since-time <time>', 'only logs after this time (RFC 3339)')
    .addOption(new Option('--rotated-pod-logs', 'logs that the kubelet rotated as well').hideHelp())
    .addHelpText(
      'after',
      '\nExit codes: 0 all of it, 1 something could not be read (the rest is written), 2 bad input',
    );
  addKubeFlags(command).action(async (targets: string[], flags: InspectFlags) => {
    program.exitCode = await runInspect(program, targets, flags);
  });
}

async function runInspect(program: Program, targets: readonly string[], flags: InspectFlags): Promise<number> {
  const span = spanOf(flags, program.env);
  const kube = await connect(connectOptions(flags, program.env));
  const destDir = resolve(flags.destDir ?? `inspect.local.${randomBytes(8).toString('hex')}`);
  const options = {
    ...span,
    destDir,
    rotatedPodLogs: flags.rotatedPodLogs,
    now: () => new Date(program.now()),
    say: (line: string) => program.stderr.write(`${line}\n`),
    signal: program.interrupt,
  };
  const { namespace, allNamespaces, eventsFile } = flags;
  try {
    const { files, errors } =
      targets.length === 0 && eventsFile === undefined
        ? await defaultInspection(kube, options)
        : await inspect(kube, { ...options, targets, namespace, allNamespaces, eventsFile });
    program.stdout.write(`Wrote ${files} files to ${destDir}\n`);
    return errors.length === 0 ? 0 : INCOMPLETE;
  } finally {
    await kube.close();
  }
}

/** From when on logs are wanted: by flag, or as a gather image is told (the must-gather contract's variables). */
function spanOf(flags: InspectFlags, env: Program['env']): Pick<InspectOptions, 'since' | 'sinceTime'> {
  if (flags.since !== undefined && flags.sinceTime !== undefined) {
    throw new MusterError('ConflictingInput', '--since and --since-time exclude each other', { field: '--since' });
  }
  const byFlag = flags.since !== undefined || flags.sinceTime !== undefined;
  const since = byFlag ? flags.since : env.MUST_GATHER_SINCE || undefined;
  const sinceTime = byFlag ? flags.sinceTime : env.MUST_GATHER_SINCE_TIME || undefined;
  if (since !== undefined) parsePositiveDuration(since, '--since');
  return {
    since: since === undefined ? undefined : { durationMs: durationMs(since) },
    sinceTime: sinceTime === undefined ? undefined : parseTime(sinceTime, '--since-time'),
  };
}
