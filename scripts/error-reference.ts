// The made parts of docs/errors.md: the table of errors, with the words of error-words.ts.
import { errorTable } from '../src/report/errors.ts';
import { errorWords, gatherReasonWords, reportReasonWords } from './error-words.ts';
import { table } from './markdown.ts';

const entries = Object.entries(errorTable) as [keyof typeof errorTable, (typeof errorTable)[keyof typeof errorTable]][];

/** A table of all codes, and a section for each: what happened, what to do. */
export function errorReference(): string {
  const rows = entries.map(([code, { httpStatus, exitCode, todo }]) => [
    `[\`${code}\`](#${code.toLowerCase()})`,
    String(httpStatus),
    String(exitCode),
    todo,
  ]);
  const sections = entries.map(([code, { todo }]) => {
    const { happened, more } = errorWords[code];
    return [`### ${code}`, happened, `**${todo}**${more === undefined ? '' : ` ${more}`}`].join('\n\n');
  });
  return ['', table(['code', 'HTTP status', 'exit code', 'what to do'], rows), ...sections, ''].join('\n\n');
}

/** Why a gather is not `Done`, and why a report has no archive. */
export function reasonReference(): string {
  const rows = Object.entries({ ...gatherReasonWords, ...reportReasonWords }).map(
    ([reason, { happened, more = '' }]) => [`\`${reason}\``, happened, more],
  );
  return table(['reason', 'what happened', 'what helps'], rows);
}
