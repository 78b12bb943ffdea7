import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { downloadProgress } from './download-progress.ts';
import { collector } from './test-program.ts';

describe('on a terminal', () => {
  const bar = (columns = 100) => {
    const { stream, text } = collector(true);
    Object.assign(stream, { columns });
    let nowMs = 0;
    const progress = downloadProgress(stream, { name: 'a\u001b[2J.tar.gz', sizeBytes: 1e9, now: () => nowMs });
    return {
      progress,
      text,
      pass: (ms: number) => {
        nowMs += ms;
      },
      /** The line as it stands. */
      shown: () => stripVTControlCharacters(text().split('\r').at(-1) ?? ''),
    };
  };

  test('share, bytes, speed of this run, and the time that is left', () => {
    const { progress, shown, pass } = bar();
    progress.at(500e6);
    expect(shown()).toBe('a [2J.tar.gz  ████████████░░░░░░░░░░░░   50%  500 MB of 1.0 GB');
    pass(2000);
    progress.at(600e6);
    expect(shown()).toMatch(/ 60% {2}600 MB of 1\.0 GB {2}50 MB\/s {2}8s left$/);
  });

  test('drawn five times in a second, however often there is news', () => {
    const { progress, text, pass } = bar();
    for (let at = 0; at < 1000; at += 1) {
      progress.at(at);
      pass(1);
    }
    expect(text().split('\r')).toHaveLength(6);
  });

  test('a note stands above the bar, which goes at the end; narrow terminals do without the name', () => {
    const { progress, shown, text } = bar(55);
    progress.at(1);
    progress.note('cut\u001b[2J. Trying again.');
    expect(stripVTControlCharacters(text())).toContain('cut [2J. Trying again.\n');
    expect(shown()).toMatch(/^░+ +0%/);
    expect(shown().length).toBeLessThan(55);
    progress.end();
    expect(shown()).toBe('');
  });
});

test('elsewhere: a line for each tenth', () => {
  const { stream, text } = collector();
  const progress = downloadProgress(stream, { name: 'a', sizeBytes: 1000, now: () => 0 });
  for (let at = 0; at <= 1000; at += 7) progress.at(at);
  progress.at(1000);
  progress.note('cut');
  progress.end();
  expect(text().split('\n')).toEqual([
    'Fetching a, 1 kB',
    ...[10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((tenth) => expect.stringMatching(new RegExp(`^${tenth}% {2}\\d`))),
    'cut',
    '',
  ]);
});

test('an archive of nothing', () => {
  const { stream, text } = collector(true);
  const progress = downloadProgress(stream, { name: 'a', sizeBytes: 0, now: () => 0 });
  progress.at(0);
  expect(text()).toContain('100%');
});
