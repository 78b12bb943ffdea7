import { Command, CommanderError } from 'commander';
import { describeFailure } from './failure.ts';
import type { Program } from './program.ts';
import { clientVersion } from './version.ts';

const BAD_INPUT = 2;

/** Adds one command to the program. */
export type AddCommand = (root: Command, program: Program) => void;

/** Runs one command line and answers with its exit code. */
export async function runCommandLine(
  program: Program,
  args: readonly string[],
  commands: readonly AddCommand[],
): Promise<number> {
  const root = new Command(program.name)
    .description('must-gather for OpenShift and Kubernetes: one command, one archive')
    .version(`muster ${clientVersion()}`, '-V, --version')
    .configureHelp({ showGlobalOptions: false, helpWidth: Math.min(program.stdout.columns ?? 100, 110) })
    .configureOutput({
      writeOut: (text) => program.stdout.write(text),
      writeErr: (text) => program.stderr.write(text),
      outputError: () => undefined, // said below, in one line and in our own form
    })
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError(true);
  for (const add of commands) add(root, program);
  try {
    await root.parseAsync([...args], { from: 'user' });
    return program.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return ofCommander(program, thrown);
    if (isBrokenPipe(thrown)) return program.exitCode;
    const { line, exitCode } = describeFailure(program.name, thrown);
    program.stderr.write(`${line}\n`);
    return exitCode;
  }
}

/** commander's own refusals (unknown flags, missing values) in one line; help and version are no errors. */
function ofCommander(program: Program, error: CommanderError): number {
  if (error.exitCode === 0) return 0;
  if (error.code === 'commander.help') return BAD_INPUT;
  const text = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  program.stderr.write(`${program.name}: ${text.replace(/[.\s]+$/, '')}. See ${program.name} --help.\n`);
  return BAD_INPUT;
}

/** Whoever reads our output has enough: `muster view ARCHIVE | head`. */
export function isBrokenPipe(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE';
}
