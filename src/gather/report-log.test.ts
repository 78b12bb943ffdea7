import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openReportLog } from './report-log.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-report-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const now = () => new Date('2026-11-21T10:30:00.250Z');

test('lines in the shapes of oc, and each is echoed once', async () => {
  const echoed: unknown[] = [];
  const log = openReportLog({ file: join(folder, 'shapes'), now, echo: (...told) => echoed.push(told) });
  log.say('hello');
  log.warn('two\nlines', 'cluster');
  log.plain('\tclusteroperator/dns is missing');
  await log.close();
  expect(readFileSync(log.file, 'utf8')).toBe(
    '[must-gather      ] OUT 2026-11-21T10:30:00.250Z hello\n' +
      '[cluster          ] OUT 2026-11-21T10:30:00.250Z two\n' +
      '[cluster          ] OUT 2026-11-21T10:30:00.250Z lines\n' +
      '\tclusteroperator/dns is missing\n',
  );
  expect(echoed).toEqual([
    ['hello', undefined, 'info'],
    ['two\nlines', 'cluster', 'warning'],
  ]);
});

test('a file that cannot be written is told when the log is closed', async () => {
  const log = openReportLog({ file: join(folder, 'nowhere', 'log'), now, echo: () => undefined });
  log.say('hello');
  await expect(log.close()).rejects.toThrow(/ENOENT/);
});
