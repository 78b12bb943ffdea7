import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { GatherStatus } from '../report/status.ts';
import { type ResultFacts, resultJson, resultOf, resultText } from './gather-result.ts';

const topName = 'must-gather.local.a1b2c3d4e5f6.20261121T103000Z.x7k2p';
const sealed = { sizeBytes: 52_000_000, sha256: '9f2c'.repeat(16), files: 900, contentBytes: 1_000_000_000 };
const done: GatherStatus = { name: 'cluster', image: 'q/a', phase: 'Done', files: 900, bytes: 41_000_000 };
const failed: GatherStatus = { name: 'storage', image: 'q/b', phase: 'Failed', message: 'exit code 3', exitCode: 3 };
const nowMs = Date.parse('2026-11-21T10:31:02Z');

function facts(gathers: GatherStatus[], changes: Partial<ResultFacts> = {}): ResultFacts {
  return {
    topName,
    outcome: { gathers, archive: sealed },
    destination: { archiveFile: `/home/ada/${topName}.tar.gz`, unpackInto: undefined },
    interrupted: false,
    nowMs,
    ...changes,
  };
}

const text = (given: ResultFacts) => resultText(resultOf(given), new PassThrough(), 'muster', nowMs, '/home/ada');

describe('what became of it, and with which exit code', () => {
  test.each<[string, ResultFacts, object]>([
    ['all done', facts([done]), { phase: 'Completed', exitCode: 0 }],
    ['one of two failed', facts([done, failed]), { phase: 'Partial', exitCode: 4 }],
    ['all failed, with nothing', facts([failed]), { phase: 'Failed', exitCode: 1 }],
    ['failed, but kept', facts([{ ...failed, files: 3, bytes: 10 }]), { phase: 'Partial', exitCode: 4 }],
    [
      'interrupted',
      facts([{ ...done, phase: 'Cancelled' }], { interrupted: true }),
      { phase: 'Cancelled', exitCode: 130, archive: { sha256: sealed.sha256 } },
    ],
    [
      'interrupted before anything was there',
      facts([{ name: 'cluster', image: 'q/a', phase: 'Cancelled' }], {
        interrupted: true,
        outcome: { gathers: [{ name: 'cluster', image: 'q/a', phase: 'Cancelled' }], archive: undefined },
      }),
      { exitCode: 130, archive: undefined },
    ],
  ])('%s', (_, given, expected) => {
    expect(resultOf(given)).toMatchObject(expected);
  });

  test('as JSON: the archive with its digest, or the folder', () => {
    expect(JSON.parse(resultJson(resultOf(facts([done]))))).toEqual({
      report: topName,
      phase: 'Completed',
      exitCode: 0,
      gathers: [done],
      archive: { file: `/home/ada/${topName}.tar.gz`, sizeBytes: 52_000_000, sha256: sealed.sha256, files: 900 },
    });
    const destination = { archiveFile: '/out/x.tar.gz', unpackInto: '/out' };
    const inFolder = JSON.parse(resultJson(resultOf(facts([done], { destination }))));
    expect(inFolder).toMatchObject({ destDir: '/out' });
    expect(inFolder).not.toHaveProperty('archive');
  });
});

describe('as text', () => {
  test('where it is, and how to look inside', () => {
    expect(
      text(facts([done]))
        .split('\n')
        .slice(1),
    ).toEqual([
      `Archive  /home/ada/${topName}.tar.gz   52 MB   sha256:${sealed.sha256}`,
      `Look inside:  muster view ${topName}.tar.gz`,
      '',
    ]);
  });

  test('what is missing is told beside it', () => {
    expect(text(facts([done, failed]))).toContain('partial: 1 of 2 gathers did not complete');
  });

  test('elsewhere than here: the way to it', () => {
    const at = (archiveFile: string) => text(facts([done], { destination: { archiveFile, unpackInto: undefined } }));
    expect(at('/home/ada/out/x.tar.gz')).toContain('view out/x.tar.gz\n');
    expect(at('/tmp/x.tar.gz')).toContain('view /tmp/x.tar.gz\n');
  });

  test('a folder; nothing at all', () => {
    expect(text(facts([done], { destination: { archiveFile: '/out/x', unpackInto: '/out' } }))).toContain(
      'Folder  /out\n',
    );
    const nothing = facts([failed], { outcome: { gathers: [failed], archive: undefined } });
    expect(text(nothing)).toContain('No archive: ');
  });
});
