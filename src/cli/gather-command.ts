import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Command } from 'commander';
import { unpackArchive } from '../archive/unpack.ts';
import type { ReportOutcome } from '../gather/gather-report.ts';
import { gatherReport } from '../gather/gather-report.ts';
import { BUILT_IN, planGathers } from '../gather/plan.ts';
import { requireGatherRights } from '../gather/rights.ts';
import { summarizeCluster } from '../gather/summary.ts';
import { connect } from '../kube/connect.ts';
import { realTimers } from '../kube/timers.ts';
import { archiveTopName } from '../report/names.ts';
import type { Destination } from './destination.ts';
import { prepareDestination } from './destination.ts';
import type { GatherFlags } from './gather-flags.ts';
import { addGatherFlags, checkDestinationFlags, specFromFlags } from './gather-flags.ts';
import { type GatherResult, resultJson, resultOf, resultText } from './gather-result.ts';
import { connectOptions } from './kube-flags.ts';
import type { Program } from './program.ts';
import { liveScreen, plainScreen } from './screen.ts';
import { clientVersion } from './version.ts';

const EXIT_CODES = `
Exit codes:
  0    complete: everything asked for is in the archive
  1    failed: nothing was gathered, or the cluster could not be used
  2    bad input: nothing was created
  4    partial: the archive is there, and says what is missing
  130  interrupted: what was copied until then is kept`;

/** `muster gather`: `oc adm must-gather` by its flags, with one archive at the end. */
export function addGatherCommand(root: Command, program: Program): void {
  const command = root
    .command('gather')
    .description('gather diagnostic data of a cluster into one archive')
    .argument('[command...]', 'what to run instead of /usr/bin/gather, after --')
    .addHelpText('after', EXIT_CODES);
  addGatherFlags(command).action(async (words: string[], flags: GatherFlags) => {
    program.exitCode = (await gather(program, flags, words)).exitCode;
  });
}

/** One run, from its flags to the lines that tell of its end. Throws `MusterError` for what ends it before it began. */
export async function gather(program: Program, flags: GatherFlags, words: readonly string[]): Promise<GatherResult> {
  // With --output json, standard output is for the result alone.
  const asJson = flags.output === 'json';
  const stream = asJson ? program.stderr : program.stdout;
  checkDestinationFlags(flags);
  const spec = specFromFlags(flags, words, (line) => program.stderr.write(`${program.name}: ${line}\n`));
  const kube = await connect(connectOptions(flags, program.env));
  try {
    const plan = await planGathers(kube, spec, program.interrupt);
    if (plan.gathers.some(({ image }) => image !== BUILT_IN)) {
      await requireGatherRights(kube, spec.runNamespace, program.interrupt);
    }
    const { clusterId } = await summarizeCluster(kube, clientVersion(), new Date(program.now()));
    const topName = archiveTopName({
      clusterId12: clusterId === '' ? undefined : clusterId.slice(-12),
      at: new Date(program.now()),
      random: randomBytes(8).toString('hex').slice(0, 5),
    });
    const destination = await prepareDestination(flags, topName);
    stream.write(`Report ${topName}\n`);
    const screen = stream.isTTY ? liveScreen(stream, program.now) : plainScreen(stream);
    let outcome: ReportOutcome;
    try {
      outcome = await gatherReport({
        kube,
        spec,
        plan,
        topName,
        archiveFile: destination.archiveFile,
        clientVersion: clientVersion(),
        observer: screen.observer,
        interrupt: program.interrupt,
        timers: realTimers,
      });
    } finally {
      screen.end();
    }
    await deliver(destination, topName, outcome, (line) => program.stderr.write(`${line}\n`));
    const nowMs = program.now();
    const result = resultOf({ topName, outcome, destination, interrupted: program.interrupt.aborted, nowMs });
    program.stdout.write(asJson ? resultJson(result) : resultText(result, stream, program.name, nowMs));
    return result;
  } finally {
    await kube.close();
  }
}

/** With --dest-dir the archive was only on its way: its tree is what was asked for. */
async function deliver(
  { archiveFile, unpackInto }: Destination,
  topName: string,
  { archive }: ReportOutcome,
  say: (line: string) => void,
): Promise<void> {
  if (unpackInto === undefined || archive === undefined) return;
  await unpackArchive(archiveFile, unpackInto, { say, below: topName });
  await rm(archiveFile);
}
