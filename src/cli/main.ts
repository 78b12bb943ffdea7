import { runCommandLine } from './command-line.ts';
import { addGatherCommand } from './gather-command.ts';
import { addInspectCommand } from './inspect-command.ts';
import type { Program } from './program.ts';
import { addReportCommand } from './report-command.ts';
import { addSandboxCommand } from './sandbox-command.ts';
import { addServeCommand } from './serve-command.ts';
import { addStartCommand } from './start-command.ts';
import { addVerifyCommand } from './verify-command.ts';
import { addViewCommand } from './view-command.ts';

const commands = [
  addGatherCommand,
  addInspectCommand,
  addVerifyCommand,
  addViewCommand,
  addServeCommand,
  addReportCommand,
  addSandboxCommand,
  addStartCommand,
];

/** Runs one command line of `muster` and answers with its exit code. */
export function main(program: Program, args: readonly string[]): Promise<number> {
  return runCommandLine(program, args, commands);
}
