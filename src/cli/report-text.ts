import { formatElapsed, formatSize } from '../report/format.ts';
import { gatherRow, layOut } from './gather-rows.ts';
import { spelledOut } from './printable.ts';
import type { ReportAnswer } from './report-answer.ts';
import { painter, type ScreenStream } from './screen.ts';

const LONGEST_NAME = 40;
/** A service account's name is long, and the end of it tells. */
const LONGEST_REQUESTER = 100;
const HEAD = ['ID', 'NAME', 'PHASE', 'PROGRESS', 'ARCHIVE', 'AGE', 'REQUESTED BY'];

/** Reports as an aligned table with a head. */
export function reportTable(reports: readonly ReportAnswer[], nowMs: number): string {
  const rows = [HEAD, ...reports.map((report) => cellsOf(report, nowMs))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function cellsOf(report: ReportAnswer, nowMs: number): string[] {
  const percent = report.progress?.percent;
  return [
    String(report.id),
    cell(report['custom-name'], LONGEST_NAME),
    report.phase,
    percent === undefined ? '' : `${percent}%`,
    report['archive-size'] === 0 ? '' : formatSize(report['archive-size']),
    ageOf(report, nowMs),
    cell(report['requested-by'], LONGEST_REQUESTER),
  ];
}

/** One report with its gathers. */
export function reportText(report: ReportAnswer, stream: ScreenStream, nowMs: number): string {
  const { progress } = report;
  const percent = progress?.percent === undefined ? '' : `${progress.percent}%, `;
  const facts: readonly (readonly [string, string])[] = [
    ['Report', `${report.id}${report['custom-name'] === '' ? '' : `  ${spelledOut(report['custom-name'])}`}`],
    ['Phase', report.phase],
    ['Why', spelledOut(report.message)],
    ['Progress', progress === null ? '' : `${percent}${spelledOut(progress.step)}`],
    ['Asked for', `${ageOf(report, nowMs)} ago${by(report['requested-by'])}`],
    ['Archive', archiveOf(report)],
    ['Fetch from', report['archive-sha256'] === '' ? '' : spelledOut(report['report-url'])],
    ['Kept until', spelledOut(report['expires-at'] ?? '')],
  ];
  const lines = facts.flatMap(([name, text]) => (text === '' ? [] : [`${name.padEnd(10)}  ${text}`]));
  const rows = (report.gathers ?? []).map((status) => gatherRow(status, nowMs));
  const columns = stream.isTTY ? stream.columns || 80 : 200;
  return [...lines, ...layOut(rows, columns, painter(stream)), ''].join('\n');
}

function archiveOf(report: ReportAnswer): string {
  if (report['archive-sha256'] === '') return '';
  const { 'archive-name': name, 'archive-size': sizeBytes, 'archive-sha256': sha256 } = report;
  return `${spelledOut(name)}   ${formatSize(sizeBytes)}   sha256:${sha256}`;
}

function ageOf(report: ReportAnswer, nowMs: number): string {
  const atMs = Date.parse(report['created-at']);
  return Number.isNaN(atMs) ? '' : formatElapsed(nowMs - atMs);
}

const by = (who: string) => (who === '' ? '' : ` by ${spelledOut(who)}`);

function cell(text: string, longest: number): string {
  const clean = spelledOut(text);
  return clean.length <= longest ? clean : `${clean.slice(0, longest - 1)}…`;
}
