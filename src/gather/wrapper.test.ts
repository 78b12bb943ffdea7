import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GATHER_SCRIPT } from './wrapper.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-wrapper-'));
  await mkdir(join(folder, 'source'));
  await mkdir(join(folder, 'control'));
});
afterEach(() => rm(folder, { recursive: true }));

type Asked = {
  readonly command: string;
  readonly timeoutSeconds?: number;
  /** Bash that runs first: stand-ins for df and du, so that no test fills a real disk. */
  readonly prelude?: string;
};

/** Runs the wrapper as a container would, but for its termination message, which goes to a file. */
function run({ command, timeoutSeconds = 30, prelude = '' }: Asked) {
  writeFileSync(join(folder, 'prelude'), prelude);
  const script = GATHER_SCRIPT.replace('/dev/termination-log', join(folder, 'termination'));
  const child = spawn('/bin/bash', ['-c', script], {
    env: {
      PATH: process.env.PATH,
      BASH_ENV: join(folder, 'prelude'),
      MUSTER_COMMAND: command,
      MUSTER_SOURCE_DIR: join(folder, 'source'),
      MUSTER_CONTROL_DIR: join(folder, 'control'),
      MUSTER_TIMEOUT_SECONDS: String(timeoutSeconds),
      MUSTER_VOLUME_PERCENTAGE: '70',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const ended = new Promise<{ exitCode: number | null; output: string; reason: string }>((resolve) => {
    child.on('close', async (exitCode) => {
      const reason = existsSync(join(folder, 'termination')) ? await readFile(join(folder, 'termination'), 'utf8') : '';
      resolve({ exitCode, output, reason });
    });
  });
  return { child, ended };
}

/** A volume of 1000 KiB, 90 % full, to which the gather wrote this much. */
function volume({ writtenKib }: { writtenKib: number }): string {
  return `df() { printf 'head\\nfs 1000 900 100 90%% /\\n'; }; du() { printf '${writtenKib}\\t%s\\n' "$3"; }`;
}

// Only bash of Linux is PID 1 anywhere.
describe.skipIf(process.platform !== 'linux')('the wrapper in a gather container', () => {
  test("ends with the command's own exit code, and says nothing of its own", async () => {
    expect(await run({ command: 'echo hello; exit 3' }).ended).toEqual({ exitCode: 3, output: 'hello\n', reason: '' });
  });

  test('says nothing of its own, however soon the command ends', async () => {
    const rounds = process.env.MUSTER_LONG === undefined ? 10 : 100;
    const seen = new Set<string>();
    for (let round = 0; round < rounds; round++) {
      // Ten at a time: it takes a busy machine to see bash write of a job that has ended before it looked.
      const ended = await Promise.all(
        Array.from({ length: 10 }, () => run({ command: 'echo out; echo err >&2; exit 3' }).ended),
      );
      for (const { exitCode, output } of ended) seen.add(`${exitCode} ${output.split('\n').sort().join(' ')}`);
    }
    expect([...seen]).toEqual(['3  err out']);
  });

  test.each([
    ['of itself', { command: 'echo fine' }],
    ['with trouble', { command: 'exit 7' }],
    ['by a signal', { command: 'kill -SEGV $BASHPID' }],
    ['at its deadline', { command: 'sleep 66', timeoutSeconds: 1 }],
  ])('tells that the command has ended %s, and not before', async (_how, asked) => {
    const file = join(folder, 'control', 'ended');
    const command = `[[ -e ${file} ]] && echo early; ${asked.command}`;
    expect((await run({ ...asked, command }).ended).output).not.toContain('early');
    expect(existsSync(file)).toBe(true);
  });

  test('ends what the command left behind before it tells', async () => {
    const left = join(folder, 'left');
    const command = `(while :; do [[ -e ${join(folder, 'control', 'ended')} ]] && : >${left}; done) & echo fine`;
    expect((await run({ command }).ended).output).toBe('fine\n');
    expect(existsSync(left)).toBe(false);
  });

  test('runs shell text as it was given: quotes, variables, several lines', async () => {
    const command = `A=1\nprintf '%s|%s|' "$A" '$HOME'; cat <<X\n\tindented\nX`;
    expect((await run({ command }).ended).output).toBe('1|$HOME|\tindented\n');
  });

  test('the command sees none of its settings', async () => {
    expect((await run({ command: 'env | grep -c ^MUSTER_' }).ended).output).toBe('0\n');
  });

  test('stops the command and its children at the deadline', async () => {
    const { exitCode, reason, output } = await run({ command: 'sleep 61 & sleep 62', timeoutSeconds: 1 }).ended;
    expect({ exitCode, reason }).toEqual({ exitCode: 143, reason: 'Timeout' });
    expect(output).toContain('[muster] stopping the gather: Timeout');
  });

  test('kills a command that does not listen', async () => {
    const command = `trap '' TERM; while :; do read -r -t 1 <> <(:); done`;
    expect(await run({ command, timeoutSeconds: 1 }).ended).toMatchObject({ exitCode: 137, reason: 'Timeout' });
  }, 30_000);

  test('gives the command time to write what it has', async () => {
    const command = `trap 'sleep 1; echo saved; exit 5' TERM; while :; do read -r -t 0.1 <> <(:); done`;
    const { exitCode, output } = await run({ command, timeoutSeconds: 1 }).ended;
    expect({ exitCode, saved: output.includes('saved') }).toEqual({ exitCode: 5, saved: true });
  });

  test('stops when the stop file appears, for the reason in it', async () => {
    const { ended } = run({ command: 'sleep 63' });
    // Made, and written a moment later: a shell does these one after the other.
    await writeFile(join(folder, 'control', 'stop'), '');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await writeFile(join(folder, 'control', 'stop'), 'Cancelled');
    expect(await ended).toMatchObject({ exitCode: 143, reason: 'Cancelled' });
  });

  test('stops on TERM, as when its pod is deleted', async () => {
    const { child, ended } = run({ command: 'echo begun; sleep 64' });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ exitCode: 143, reason: 'PodDeleted' });
  });

  test('stops a command that wrote more than its share of the free space', async () => {
    const { ended } = run({ command: 'sleep 65', prelude: volume({ writtenKib: 71 }) });
    expect(await ended).toMatchObject({ exitCode: 143, reason: 'DiskLimit' });
  });

  test('warns when the volume was full before, and goes on', async () => {
    const prelude = volume({ writtenKib: 1 });
    const { exitCode, output } = await run({ command: 'sleep 3; echo fine', prelude }).ended;
    expect({ exitCode, fine: output.includes('fine') }).toEqual({ exitCode: 0, fine: true });
    expect(output).toContain('[muster] warning: the volume was already 90% full when the gather began');
  });

  test('does without df', async () => {
    const { exitCode, output } = await run({ command: 'echo fine', prelude: 'df() { return 127; }' }).ended;
    expect({ exitCode, fine: output.includes('fine') }).toEqual({ exitCode: 0, fine: true });
    expect(output).toContain('nothing guards the volume');
  });
});
