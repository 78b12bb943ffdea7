import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { runPacker } from '../gather/packer.ts';
import { realTimers } from '../kube/timers.ts';
import { invalidInput } from '../report/refusal.ts';
import { runCommandLine } from './command-line.ts';
import type { Program } from './program.ts';

const INCOMPLETE = 1;

/** Runs `muster pack` apart from all other commands, which take the Kubernetes client in: 40 MB that a packer has not. */
export function packMain(program: Program, args: readonly string[]): Promise<number> {
  return runCommandLine(program, args, [addPackCommand]);
}

/** `muster pack`: what runs beside a gather in its pod. No person calls it; its settings come with the pod. */
function addPackCommand(root: Command, program: Program): void {
  root
    .command('pack')
    .description('pack what a gather writes, and upload it to muster serve (runs in the pod of a gather)')
    .action(async () => {
      program.exitCode = await runPack(program);
    });
}

async function runPack({ env, stderr, interrupt }: Program): Promise<number> {
  const setting = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw invalidInput(name, 'this variable is needed');
    return value;
  };
  const tokenFile = setting('MUSTER_INGEST_TOKEN_FILE');
  const packDir = setting('MUSTER_PACK_DIR');
  // SQLite looks for room beside its databases at its first use; the rest of the packer's file system is read-only.
  process.env.SQLITE_TMPDIR = packDir;
  const outcome = await runPacker({
    ingestUrl: urlOf(setting('MUSTER_INGEST_URL')),
    ca: setting('MUSTER_INGEST_CA'),
    token: () => readFile(tokenFile, 'utf8'),
    sourceDir: setting('MUSTER_SOURCE_DIR'),
    controlDir: setting('MUSTER_CONTROL_DIR'),
    packDir,
    log: (line) => stderr.write(`${line}\n`),
    terminated: interrupt,
    timers: realTimers,
    random: Math.random,
  });
  return outcome === 'incomplete' ? INCOMPLETE : 0;
}

/** The token goes there: to nobody without a certificate. */
function urlOf(url: string): string {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    throw invalidInput('MUSTER_INGEST_URL', 'expected https://HOST:PORT');
  }
  return new URL(url).origin;
}
