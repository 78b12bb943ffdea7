import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { renderEventPage } from './event-page.ts';
import { type EventRow, eventRowsOf, newestFirst } from './event-rows.ts';

const core = (reason: string, lastTimestamp: string) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
  involvedObject: { name: 'web' },
  source: { component: 'kubelet' },
  reason,
  message: 'said',
  firstTimestamp: '2026-01-01T01:00:00Z',
  lastTimestamp,
  count: 4,
});
const newer = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { namespace: 'shop' },
  regarding: { name: 'api' },
  reportingController: 'scheduler',
  reason: 'Scheduled',
  note: 'noted',
  eventTime: '2026-01-01T02:00:00.000001Z',
  series: { count: 7, lastObservedTime: '2026-01-01T09:00:00.000001Z' },
};
const early = core('BackOff', '2026-01-01T03:00:00Z');
const late = core('Pulled', '2026-01-02T03:00:00Z');
const reasons = (rows: readonly EventRow[]) => rows.map(({ reason }) => reason);

describe('events', () => {
  it.each([
    [
      'an EventList, whose items need no kind',
      stringify({ kind: 'EventList', items: [{ ...early, kind: undefined }, late] }),
    ],
    ['a List', stringify({ kind: 'List', items: [early, { kind: 'Pod', reason: 'x' }, late] })],
    ['documents', `---\n${stringify(early)}---\n${stringify({ kind: 'List', items: [late] })}---\nfree text\n`],
  ])('are read out of %s', (_name, text) => {
    expect(reasons(eventRowsOf(text))).toEqual(['BackOff', 'Pulled']);
  });

  it('of both APIs give the same row', () => {
    expect(eventRowsOf(stringify(newer))).toEqual([
      {
        lastSeen: '2026-01-01T09:00:00.000001Z',
        firstSeen: '2026-01-01T02:00:00.000001Z',
        namespace: 'shop',
        component: 'scheduler',
        object: 'api',
        reason: 'Scheduled',
        message: 'noted',
        count: 7,
      },
    ]);
    expect(eventRowsOf(stringify(early))[0]).toMatchObject({
      component: 'kubelet',
      object: 'web',
      message: 'said',
      count: 4,
    });
  });

  it('are none in an empty file, a null list, or a list of something else', () => {
    for (const text of ['', 'items: null\nkind: EventList', '[1, 2]', 'kind: PodList\nitems: [{}]']) {
      expect(eventRowsOf(text)).toEqual([]);
    }
  });

  it('in broken YAML are an error, aliases without end as well', () => {
    expect(() => eventRowsOf('kind: [')).toThrow();
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`)}]`),
    ];
    expect(() => eventRowsOf(bomb.join('\n'))).toThrow();
  });

  it('are sorted with the newest first and the undated last', () => {
    const undated = { ...early, reason: 'Undated', metadata: {}, lastTimestamp: null };
    expect(reasons(newestFirst(eventRowsOf(stringify({ kind: 'List', items: [undated, early, late] }))))).toEqual([
      'Pulled',
      'BackOff',
      'Undated',
    ]);
  });
});

it('the page loads nothing and escapes everything', () => {
  const row = eventRowsOf(
    stringify({ ...early, message: `</td><script src="//evil">'&`, metadata: { namespace: '"><img>' } }),
  );
  const page = [...renderEventPage(row, { title: '<t>', note: '<n>' })].join('');
  expect(page).not.toMatch(/<script src|<img|<link|https?:|<t>|<n>/);
  expect(page).toContain('&#60;/td&#62;&#60;script src=&#34;//evil&#34;&#62;&#39;&#38;');
  expect(page).toContain('<td class="danger">BackOff</td>');
  expect(page).toContain('(x4)');
});
