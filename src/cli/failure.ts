import { toMusterError } from '../kube/errors.ts';
import { MusterError } from '../report/errors.ts';

/** What went wrong, as a program's user reads it: one line that says what, to what, and what to do; and the exit code. */
export function describeFailure(program: string, thrown: unknown): { line: string; exitCode: number } {
  const error = thrown instanceof MusterError ? thrown : toMusterError(thrown);
  const message = error.message.replaceAll(/\s*\n\s*/g, ' ').replace(/[.\s]+$/, '');
  return { line: `${program}: ${message}. ${error.todo}`, exitCode: error.exitCode };
}
