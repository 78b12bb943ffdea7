import { isFinal } from '../../../src/report/lifecycle.ts';
import type { GatherStatus, Phase, Progress } from '../../../src/report/status.ts';

/** A report as REST and `/events` show it (docs/rest.md), as far as the pages read it. */
export type Report = {
  readonly id: number;
  readonly name: string;
  readonly 'custom-name': string;
  readonly 'created-at': string;
  readonly phase: Phase;
  readonly partial: boolean;
  /** Why something is missing, empty where nothing is. */
  readonly message: string;
  readonly progress: Progress | null;
  readonly gathers: readonly GatherStatus[];
  readonly components: readonly string[];
  readonly images: readonly string[];
  readonly 'image-streams': readonly string[];
  readonly 'all-images': boolean;
  readonly 'node-name': string;
  readonly 'node-selector': string;
  readonly command: string;
  readonly timeout: string;
  /** A duration such as `8h`, empty for everything. */
  readonly since: string;
  readonly 'since-time': string;
  readonly 'delete-after': string;
  readonly 'archive-name': string;
  readonly 'archive-size': number;
  readonly 'archive-sha256': string;
  readonly 'requested-by': string;
  readonly 'retry-of': number | null;
  readonly 'started-at': string | null;
  readonly 'finished-at': string | null;
  readonly 'expires-at': string | null;
};

/** What POST /must-gather takes, as far as the pages ask for it. */
export type ReportRequest = {
  readonly components?: readonly string[];
  readonly images?: readonly string[];
  readonly 'all-images'?: boolean;
  readonly 'custom-name'?: string;
  readonly command?: string;
  readonly 'node-name'?: string;
  readonly 'node-selector'?: string;
  readonly since?: string;
  readonly 'since-time'?: string;
  readonly timeout?: string;
  readonly 'delete-after'?: string;
};

/** Something of it still happens. */
export const isOngoing = ({ phase }: Report): boolean => !isFinal(phase);

/** There is an archive to fetch; a cancelled report may have one too. */
export const hasArchive = (report: Report): boolean => !isOngoing(report) && report['archive-name'] !== '';
