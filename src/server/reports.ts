import type { Readable } from 'node:stream';
import type { ReportHappening } from '../report/rest-events.ts';
import type { LogQuery } from '../report/rest-files.ts';
import type { ReportObject } from '../report/rest-report.ts';
import type { Spec } from '../report/spec.ts';
import type { Verdict } from '../store/verify.ts';
import type { Caller } from './access.ts';

/** What the routes need of reports: the custom resource behind a watch cache, or a map in a test. */
export type Reports = {
  /** All reports that are known now, in any order. Called for each list, so it must not ask the cluster. */
  list(): Iterable<ReportObject>;
  /**
   * One report by its number, else the newest of that custom name (`findReport`); undefined where there is none. It
   * finds what `create` of any replica has answered.
   */
  get(key: string, signal: AbortSignal): Promise<ReportObject | undefined>;
  /** Makes a report; what it returns has its number (`status.id`). */
  create(spec: Spec, caller: Caller, signal: AbortSignal): Promise<ReportObject>;
  /** Asks for the end of a report that runs; what was gathered is kept. */
  cancel(report: ReportObject, caller: Caller, signal: AbortSignal): Promise<ReportObject>;
  /** Makes a new report out of one that ended, which is deleted; returns the new one. */
  retry(report: ReportObject, caller: Caller, signal: AbortSignal): Promise<ReportObject>;
  /** Deletes a report and all that belongs to it. */
  remove(report: ReportObject, caller: Caller, signal: AbortSignal): Promise<void>;
  /** The text of its log as `exec-output` shows it, at most about 1 MiB; empty where there is none yet. */
  execOutput(report: ReportObject, signal: AbortSignal): Promise<string>;
  /**
   * The log of a report, or of one of its gathers, as text of whole lines, each with `[GATHER ] `
   * before it. With `follow` it goes on until the report has ended; else it ends with what there is. Reads no
   * further than it is asked to. Rejects with the signal's reason when that is aborted.
   */
  logs(report: ReportObject, query: LogQuery, signal: AbortSignal): AsyncIterable<string>;
  /** What the cluster's events say of it, newest first, at most 500: they go after some time, an hour by default. */
  events(report: ReportObject, signal: AbortSignal): Promise<readonly ReportHappening[]>;
  /**
   * Changes from the first `next()` on, at once: what `list` said before it is not told. Several changes of one report may
   * be told as the last of them. It is read without a pause. Rejects with the signal's reason when that is aborted.
   */
  changes(signal: AbortSignal): AsyncIterable<ReportChange>;
  /** Reads the archive of such a report from end to end, and compares it with what was sealed. */
  verify(report: ReportObject, signal: AbortSignal): Promise<Verdict>;
  /** The archive of a report whose `status.archive` is set; undefined where the store has it no more. */
  archive(report: ReportObject, signal: AbortSignal): Promise<ArchiveFile | undefined>;
};

/** A report that was made or changed, or that is no longer there; as it was last, then. */
export type ReportChange = { readonly type: 'report' | 'gone'; readonly report: ReportObject };

/** An archive in the store. */
export type ArchiveFile = {
  readonly sizeBytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** The bytes from `start` up to, not including, `end`. The stream's reader destroys it when it needs no more. */
  read(range: { readonly start: number; readonly end: number }): Readable;
};
