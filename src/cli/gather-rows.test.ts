import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GATHER_PHASES } from '../report/phases.ts';
import type { GatherStatus } from '../report/status.ts';
import { gatherRow, layOut } from './gather-rows.ts';

const nowMs = Date.parse('2026-11-21T10:31:02Z');
const plain = (text: string) => text;

function lines(statuses: readonly GatherStatus[], columns = 200): string[] {
  return layOut(
    statuses.map((status) => gatherRow(status, nowMs)),
    columns,
    plain,
  );
}

const startedAt = '2026-11-21T10:30:00Z';
const unfinished: GatherStatus = {
  name: 'cluster',
  image: 'quay.io/openshift/origin-must-gather',
  phase: 'Done',
  node: 'node-1',
  files: 900,
  bytes: 41_000_000,
  startedAt,
};
const done: GatherStatus = { ...unfinished, finishedAt: '2026-11-21T10:31:02Z' };

test('the look that ui.md draws', () => {
  expect(
    lines([
      done,
      {
        ...done,
        name: 'virtualization',
        image: 'quay.io/kubevirt/must-gather',
        bytes: 9_000_000,
        finishedAt: '2026-11-21T10:30:48Z',
      },
      {
        ...done,
        name: 'storage',
        phase: 'Failed',
        message: 'exit code 3: ceph not reachable',
        bytes: 2_000_000,
        finishedAt: '2026-11-21T10:30:12Z',
      },
    ]),
  ).toEqual([
    '✔ cluster         quay.io/openshift/origin-must-gather  node-1    41 MB   1m 02s',
    '✔ virtualization  quay.io/kubevirt/must-gather          node-1     9 MB      48s',
    '✖ storage         exit code 3: ceph not reachable       node-1     2 MB      12s  (kept)',
  ]);
});

describe('one row', () => {
  test.each<[string, GatherStatus, object]>([
    [
      'waiting',
      { name: 'a', image: 'q/a', phase: 'Waiting' },
      { mark: '○', elapsed: '', size: '', remark: 'waiting for a slot' },
    ],
    ['at work: the time runs', { ...unfinished, phase: 'Running' }, { mark: '◑', elapsed: '1m 02s' }],
    [
      'failed with nothing',
      { name: 'a', image: 'q/a', phase: 'Failed', message: 'no' },
      { what: 'no', size: '', remark: '' },
    ],
    ['cancelled with something', { ...done, phase: 'Cancelled' }, { remark: '(kept)' }],
    [
      'partial',
      { ...done, phase: 'Partial', message: 'stopped' },
      { tone: 'warning', what: 'stopped', remark: '(incomplete)' },
    ],
  ])('%s', (_, status, expected) => {
    expect(gatherRow(status, nowMs)).toMatchObject(expected);
  });

  test('a clock that went back', () => {
    expect(gatherRow({ ...done, startedAt: '2026-11-21T11:00:00Z' }, nowMs).elapsed).toBe('0s');
  });
});

describe('in a terminal of any width', () => {
  test('80 columns: the image gives way, size and time stay', () => {
    const [line = ''] = lines([done], 80);
    expect(line).toContain('41 MB   1m 02s');
    const [busy = ''] = lines([{ ...done, phase: 'Packing', name: 'virtualization' }], 80);
    expect(busy).toMatch(/quay\.io\/.*…\s+node-1\s+41 MB\s+1m 02s\s+packing…?/);
  });

  test('40 columns: which gather, and what of it', () => {
    const [line = ''] = lines([done], 40);
    expect(line).toHaveLength(40);
    expect(line).toMatch(/^✔ cluster {2}quay\.io/);
  });

  test('names and nodes of 253 characters', () => {
    const long = { ...done, name: 'n'.repeat(253), node: 'o'.repeat(253), image: 'i'.repeat(512) };
    for (const columns of [20, 40, 80, 120, 400]) {
      const [line = ''] = lines([long], columns);
      expect(line.length).toBeLessThanOrEqual(columns);
    }
    expect(lines([long], 160)[0]).toContain('41 MB');
  });

  test('500 gathers', () => {
    const many = Array.from({ length: 500 }, (_, place) => ({ ...done, name: `gather-${place}` }));
    expect(lines(many, 100)).toHaveLength(500);
  });

  test('none', () => {
    expect(lines([])).toEqual([]);
  });

  test('property: no line is wider than the terminal, holds a newline or a command for it, or half a character', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('\u001b[2J', '\u009b31m', 'a\nb', '\u202eright to left', '🚢'.repeat(40)),
    );
    const status = fc.record({
      name: text,
      image: text,
      node: text,
      message: text,
      phase: fc.constantFrom(...GATHER_PHASES),
      files: fc.nat(),
      bytes: fc.nat(),
      startedAt: fc.constant(startedAt),
    });
    fc.assert(
      fc.property(
        fc.array(status, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 10, max: 250 }),
        (statuses, columns) => {
          for (const line of lines(statuses, columns)) {
            expect(line.length).toBeLessThanOrEqual(columns);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
            expect(stripVTControlCharacters(line)).toBe(line);
          }
        },
      ),
    );
    expect(lines([{ ...done, message: `${'x'.repeat(58)}🚢🚢` }])[0]?.isWellFormed()).toBe(true);
  });
});
