import { relative } from 'node:path';
import type { SealedArchive } from '../archive/seal.ts';
import type { ReportOutcome } from '../gather/gather-report.ts';
import { exitCodeOf } from '../report/exit-code.ts';
import { formatSize } from '../report/format.ts';
import { judge } from '../report/lifecycle.ts';
import type { GatherStatus, Phase } from '../report/status.ts';
import type { Destination } from './destination.ts';
import { gatherRow, layOut } from './gather-rows.ts';
import type { ScreenStream } from './screen.ts';
import { painter } from './screen.ts';

/** What `muster gather --output json` prints; the keys are a contract. */
export type GatherResult = {
  readonly report: string;
  readonly phase: Phase;
  /** Why it is not `Completed`. */
  readonly message?: string | undefined;
  readonly exitCode: number;
  readonly gathers: readonly GatherStatus[];
  readonly archive?:
    | { readonly file: string; readonly sizeBytes: number; readonly sha256: string; readonly files: number }
    | undefined;
  readonly destDir?: string | undefined;
};

export type ResultFacts = {
  readonly topName: string;
  readonly outcome: ReportOutcome;
  readonly destination: Destination;
  readonly interrupted: boolean;
  readonly nowMs: number;
};

export function resultOf({ topName, outcome, destination, interrupted, nowMs }: ResultFacts): GatherResult {
  const verdict = judge({
    previous: {},
    gathers: outcome.gathers,
    cancelAsked: interrupted,
    deadlinePassed: true,
    archive: outcome.archive === undefined ? { failed: 'nothing was copied' } : 'sealed',
    now: new Date(nowMs).toISOString(),
  });
  const { unpackInto, archiveFile } = destination;
  return {
    report: topName,
    phase: verdict.phase,
    message: verdict.message,
    exitCode: exitCodeOf(verdict.phase),
    gathers: outcome.gathers,
    archive:
      unpackInto === undefined && outcome.archive !== undefined ? archiveOf(archiveFile, outcome.archive) : undefined,
    destDir: outcome.archive === undefined ? undefined : unpackInto,
  };
}

function archiveOf(file: string, { sizeBytes, sha256, files }: SealedArchive): GatherResult['archive'] {
  return { file, sizeBytes, sha256, files };
}

export function resultJson(result: GatherResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** The last words on a terminal: a line per gather, where the result is, and what to do with it. */
export function resultText(
  result: GatherResult,
  stream: ScreenStream,
  program: string,
  nowMs: number,
  cwd: string = process.cwd(),
): string {
  const rows = result.gathers.map((status) => gatherRow(status, nowMs));
  const columns = stream.isTTY ? stream.columns || 80 : 200;
  return [...layOut(rows, columns, painter(stream)), ...lastLines(result, program, cwd), ''].join('\n');
}

function lastLines(
  { archive, destDir, phase, message, gathers }: GatherResult,
  program: string,
  cwd: string,
): string[] {
  const failed = gathers.filter((gather) => gather.phase !== 'Done').length;
  const remark =
    phase === 'Completed' ? '' : `   ${phase.toLowerCase()}: ${failed} of ${gathers.length} gathers did not complete`;
  if (archive !== undefined) {
    const near = relative(cwd, archive.file);
    const name = near.startsWith('..') ? archive.file : near;
    return [
      `Archive  ${archive.file}   ${formatSize(archive.sizeBytes)}   sha256:${archive.sha256}${remark}`,
      `Look inside:  ${program} view ${name}`,
    ];
  }
  if (destDir !== undefined) return [`Folder  ${destDir}${remark}`];
  return [`No archive: ${message ?? 'nothing was copied'}`];
}
