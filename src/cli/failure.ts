import { toMusterError } from '../kube/errors.ts';
import { MusterError } from '../report/errors.ts';
import { flagNames } from '../report/flags.ts';
import { printable } from './printable.ts';

/** What went wrong, as a program's user reads it: one line that says what, to what, and what to do; and the exit code. */
export function describeFailure(program: string, thrown: unknown): { line: string; exitCode: number } {
  const error = thrown instanceof MusterError ? thrown : toMusterError(thrown);
  const text = printable(error.message.replaceAll(/\s*\n\s*/g, ' ').replace(/[.\s]+$/, ''));
  const flag = flagOf(error.field);
  const message = flag === undefined || text.includes(flag) ? text : `${flag}: ${text}`;
  return { line: `${program}: ${message}. ${error.todo}`, exitCode: error.exitCode };
}

/** The flag that was refused: a field of the spec as the command line spells it, or a flag already. */
function flagOf(field: string | undefined): string | undefined {
  if (field?.startsWith('--')) return field;
  return Object.entries(flagNames).find(([name]) => name === field)?.[1];
}
