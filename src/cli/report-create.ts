import { type Command, Option } from 'commander';
import { neverArrived } from '../kube/errors.ts';
import { realTimers } from '../kube/timers.ts';
import { exitCodeOf } from '../report/exit-code.ts';
import { requestOfSpec } from '../report/request-of-spec.ts';
import type { Spec } from '../report/spec.ts';
import { downloadProgress } from './download-progress.ts';
import { addSpecFlags, type SpecFlags, specFromFlags } from './gather-flags.ts';
import type { Program } from './program.ts';
import { getReport, type ReportAnswer, reportIn } from './report-answer.ts';
import { type Downloaded, downloadArchive } from './report-download.ts';
import { reportText } from './report-text.ts';
import { waitForEnd } from './report-wait.ts';
import { liveScreen, plainScreen } from './screen.ts';
import { addServiceAccessFlags, openService, type ServiceAccessFlags } from './service-access.ts';
import type { ServiceClient } from './service-client.ts';
import { ServiceError } from './service-error.ts';

type DestinationFlags = { file?: string; force?: boolean };
type CreateFlags = ServiceAccessFlags &
  SpecFlags &
  DestinationFlags & {
    name?: string;
    server?: string;
    deleteAfter?: string;
    wait?: boolean;
    download?: boolean;
    output?: string;
  };

const EXIT_CODES = `
Exit codes, with --wait and --download:
  0    complete: everything asked for is in the archive
  1    failed: nothing was gathered, or the service could not be used
  2    bad input: nothing was created
  4    partial: the archive is there, and says what is missing
  130  interrupted or cancelled`;

/** `muster report create`: asks the service for a report, with the flags of `muster gather`. */
export function addReportCreate(parent: Command, program: Program): void {
  const command = parent
    .command('create')
    .description('ask for a report')
    .argument('[command...]', 'what to run instead of /usr/bin/gather, after --')
    .addHelpText('after', EXIT_CODES);
  addSpecFlags(command)
    .optionsGroup('Report:')
    .option('--name <name>', 'a name for people; need not be unique')
    .option('--server <url>', 'API address of another cluster to gather, which the service must know')
    .option('--delete-after <duration>', 'keep it this long after its end, or never delete it (default: 24h)')
    .option('--wait', 'until it has ended')
    .option('--download', 'wait, then fetch the archive')
    .addOption(outputOption());
  addDestinationFlags(command);
  addServiceAccessFlags(command).action(async (words: string[], flags: CreateFlags) => {
    const service = await openService(flags, program.env);
    try {
      await create(program, service, flags, words);
    } finally {
      service.close();
    }
  });
}

export function addDestinationFlags(command: Command): Command {
  return command
    .optionsGroup('Where it goes:')
    .option('-f, --file <file>', "the archive, or a folder for it (default: the archive's own name, here)")
    .option('--force', 'replace a file that is there already');
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'the result as text or json').choices(['text', 'json']).default('text');
}

async function create(
  program: Program,
  service: ServiceClient,
  flags: CreateFlags,
  words: readonly string[],
): Promise<void> {
  const note = (line: string) => program.stderr.write(`${program.name}: ${line}\n`);
  const { name: customName, server, deleteAfter } = flags;
  const spec = specFromFlags(flags, words, note, { customName, server, deleteAfter });
  const body = await ask(service, spec, program.interrupt);
  const created = reportIn(body, service.url);
  const asJson = flags.output === 'json';
  const waits = flags.wait === true || flags.download === true;
  if (!waits) {
    program.stdout.write(asJson ? jsonOf(body) : `Report ${created.id}\n`);
    return;
  }
  const report = await follow(program, service, created.id, asJson);
  program.exitCode = exitCodeOf(report.phase);
  const isThere = report['archive-sha256'] !== '';
  const fetched = flags.download === true && isThere ? await fetchArchive(program, service, report, flags) : undefined;
  program.stdout.write(
    asJson
      ? jsonOf({ ...report, ...(fetched === undefined ? {} : { file: fetched.file }) })
      : `${reportText(report, program.stdout, program.now())}${fetched === undefined ? '' : savedAs(fetched)}`,
  );
}

/** Asks once: asked again, a request whose answer was lost would make a second report. */
async function ask(service: ServiceClient, spec: Spec, signal: AbortSignal): Promise<unknown> {
  try {
    return (await service.json('POST', '/must-gather', { body: requestOfSpec(spec), signal })).body;
  } catch (error) {
    const isLost = error instanceof ServiceError && error.code === 'ClusterUnreachable' && error.isPassing;
    if (!isLost || neverArrived(error)) throw error;
    const message = `${error.message}; the report may have been made all the same: see "muster report list"`;
    throw new ServiceError(error.code, message, { cause: error });
  }
}

/** Shows a report until it has ended. With JSON, standard output is for the result alone. */
async function follow(program: Program, service: ServiceClient, id: number, asJson: boolean): Promise<ReportAnswer> {
  const stream = asJson ? program.stderr : program.stdout;
  stream.write(`Report ${id}\n`);
  const screen = stream.isTTY ? liveScreen(stream, program.now) : plainScreen(stream);
  try {
    await waitForEnd({ service, id, screen, timers: realTimers, interrupt: program.interrupt });
  } finally {
    screen.end();
  }
  return await getReport(service, String(id), program.interrupt);
}

/** Fetches the archive of a report, its progress on standard error. */
export async function fetchArchive(
  program: Program,
  service: ServiceClient,
  report: ReportAnswer,
  { file, force = false }: DestinationFlags,
): Promise<Downloaded> {
  const sizeBytes = report['archive-size'];
  const progress = downloadProgress(program.stderr, { name: report['archive-name'], sizeBytes, now: program.now });
  try {
    return await downloadArchive({
      service,
      report,
      file,
      force,
      timers: realTimers,
      signal: program.interrupt,
      progress: progress.at,
      note: progress.note,
    });
  } finally {
    progress.end();
  }
}

export const savedAs = ({ file, sha256 }: Downloaded): string => `Archive  ${file}   sha256:${sha256}\n`;
export const jsonOf = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
