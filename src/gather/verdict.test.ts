import { expect, test } from 'vitest';
import type { GatherEnd } from './verdict.ts';
import { verdictOf } from './verdict.ts';

const ended = (changes: Partial<Extract<GatherEnd, { stage: 'ended' }>>): GatherEnd => ({
  stage: 'ended',
  imageID: 'i',
  node: 'n',
  exitCode: 0,
  reason: 'Completed',
  message: '',
  ...changes,
});
const copied = { complete: true, message: '' };

test.each<[string, GatherEnd, number, object]>([
  ['well', ended({}), 5, { phase: 'Done', exitCode: 0 }],
  ['well, without a file', ended({}), 0, { phase: 'Done', exitCode: 0 }],
  [
    'its own exit code, with its last words',
    ended({ exitCode: 3, message: 'a\nceph not reachable\n' }),
    5,
    { phase: 'Failed', reason: 'ExitCode', exitCode: 3, message: 'exit code 3: ceph not reachable' },
  ],
  ['stopped at the deadline', ended({ exitCode: 143, message: 'Timeout' }), 5, { phase: 'Partial', reason: 'Timeout' }],
  ['stopped before it wrote', ended({ exitCode: 143, message: 'Timeout' }), 0, { phase: 'Failed', reason: 'Timeout' }],
  ['the disk limit', ended({ exitCode: 143, message: 'DiskLimit' }), 5, { phase: 'Partial', reason: 'DiskLimit' }],
  ['cancelled', ended({ exitCode: 143, message: 'Cancelled' }), 0, { phase: 'Cancelled', reason: 'Cancelled' }],
  ['out of memory', ended({ exitCode: 137, reason: 'OOMKilled' }), 5, { phase: 'Partial', reason: 'OutOfMemory' }],
  ['evicted', { stage: 'lost', reason: 'Evicted', message: 'low on disk' }, 5, { phase: 'Partial', reason: 'Evicted' }],
  ['deleted', { stage: 'lost', reason: 'PodDeleted', message: 'gone' }, 0, { phase: 'Failed', reason: 'PodDeleted' }],
  ['a node that says nothing', { stage: 'silent', message: 'no word' }, 0, { phase: 'Failed', reason: 'Timeout' }],
])('%s', (_, end, files, expected) => {
  expect(verdictOf(end, copied, files)).toMatchObject(expected);
});

test('a copy that is not complete is told, also of a gather that failed by itself', () => {
  const cut = { complete: false, message: 'the connection broke' };
  expect(verdictOf(ended({}), cut, 5)).toMatchObject({ phase: 'Partial', reason: 'CopyFailed' });
  expect(verdictOf(ended({ exitCode: 1 }), cut, 5).message).toBe('exit code 1; the connection broke');
});
