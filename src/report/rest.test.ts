import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { archiveName } from './archive-name.ts';
import { MusterError } from './errors.ts';
import { restKeys, specFields } from './flags.ts';
import { PHASES } from './phases.ts';
import { findReport, type Page, pageOf, parseListQuery } from './rest-list.ts';
import { type ReportObject, restReport, restState } from './rest-report.ts';
import { specFromJson, specFromPairs } from './rest-request.ts';
import { validateSpec } from './spec.ts';
import type { ReportStatus } from './status.ts';

const refused = (message: RegExp, field?: string) => (error: unknown) =>
  error instanceof MusterError &&
  ['InvalidInput', 'ConflictingInput'].includes(error.code) &&
  message.test(error.message) &&
  (field === undefined || error.field === field);
const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('a request', () => {
  test('of the seed', () => {
    const spec = specFromJson({ image: 'quay.io/maufart/forklift-must-gather', timeout: '15m' });
    expect(spec).toMatchObject({ images: ['quay.io/maufart/forklift-must-gather'], timeout: '15m0s' });
  });

  // Reference §B.1 and §B.2: what the Forklift UIs send, and nothing beside.
  test.each([
    { 'custom-name': 'plan:my-plan', command: 'PLAN=my-plan /usr/bin/targeted' },
    { 'custom-name': 'vm:win 11:7f3c', command: 'VM=win 11 /usr/bin/targeted' },
  ])('of a Forklift UI: %j', (body) => {
    expect(specFromJson(body)).toMatchObject({ customName: body['custom-name'], command: body.command, images: [] });
  });

  test('says the same in JSON, as a form and as a query', () => {
    const json = specFromJson({
      images: ['a/b', 'c/d'],
      'image-stream': 'openshift/must-gather',
      'host-network': true,
      'volume-percentage': 40,
      since: '8h',
      'node-selector': 'a in (b,c)',
    });
    const form = new URLSearchParams(
      'images=a/b,c/d&image-stream=openshift/must-gather&host-network=true&volume-percentage=40&since=8h&node-selector=a+in+(b,c)',
    );
    expect(specFromPairs(form)).toEqual(json);
    expect(specFromPairs(new URLSearchParams('images=a/b&images=c/d')).images).toEqual(['a/b', 'c/d']);
  });

  test('takes what is empty for left out, null for an empty one, and image and images together', () => {
    const empty = { image: '', command: null, 'node-name': '', 'custom-name': '' };
    expect(specFromJson(empty)).toEqual(validateSpec({}).spec);
    expect(specFromJson(null)).toEqual(validateSpec({}).spec);
    expect(specFromPairs(new URLSearchParams('image=&timeout='))).toEqual(validateSpec({}).spec);
    expect(specFromJson({ image: 'a', images: ['b'] }).images).toEqual(['a', 'b']);
    expect(specFromJson({ 'image-streams': ['a/b', 'c/d'] }).imageStreams).toEqual(['a/b', 'c/d']);
  });

  test('sets nothing that only the server sets', () => {
    const sent = { id: 1, 'created-at': 'x', 'updated-at': 'x', status: 'completed', 'archive-size': 9 };
    expect(specFromJson({ ...sent, 'archive-name': '../x', 'exec-output': 'x' })).toEqual(validateSpec({}).spec);
  });

  it.each<[string, unknown, RegExp, string]>([
    ['a number for a name', { image: 5 }, /^image: expected string/, 'image'],
    ['a bad image', { images: ['A B'] }, /^images: /, 'images'],
    ['a bad duration', { timeout: '15 minutes' }, /^timeout: /, 'timeout'],
    ['two that exclude each other', { since: '1h', 'since-time': '2026-11-21T00:00:00Z' }, /since/, 'since-time'],
    ['a key that there is not', { imgae: 'a' }, /^imgae: there is no such key.*image/, 'imgae'],
    [
      'a field by its name in the custom resource',
      { customName: 'a' },
      /^customName: there is no such key/,
      'customName',
    ],
    ['cancel', { cancel: true }, /^cancel: there is no such key/, 'cancel'],
    ['a list', [], /must be a JSON object/, ''],
    ['a text', 'image', /must be a JSON object/, ''],
  ])('is refused by the key: %s', (_name, body, message, field) => {
    expect(thrownBy(() => specFromJson(body))).toSatisfy(refused(message, field));
  });

  it.each([
    ['{"image":"a"}', /add -H "Content-Type: application\/json"/],
    ['timeout=1m&timeout=2m', /^timeout: it is given more than once/],
    ['host-network=maybe', /^host-network: "maybe": expected true or false/],
    ['volume-percentage=lots', /^volume-percentage: /],
  ])('as a form is refused by the key: %s', (form, message) => {
    expect(thrownBy(() => specFromPairs(new URLSearchParams(form)))).toSatisfy(refused(message));
  });

  it('is a good spec or a refusal, whatever is sent', () => {
    const keys = fc.oneof(fc.constantFrom(...Object.values(restKeys), 'image'), fc.string());
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), (body) => {
        const said = thrownBy(() => specFromJson(body));
        if (said instanceof Error) expect(said).toBeInstanceOf(MusterError);
        else expect(validateSpec(said).spec).toEqual(said);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.string())), (pairs) => {
        const said = thrownBy(() => specFromPairs(pairs));
        if (said instanceof Error) expect(said).toBeInstanceOf(MusterError);
      }),
    );
  });

  it('has a key for every field but cancel', () => {
    expect(specFields.filter((field) => !(field in restKeys))).toEqual(['cancel']);
  });
});

const report = (body: object, status: ReportStatus = {}, creationTimestamp = '2021-06-30T13:19:17Z'): ReportObject => ({
  metadata: { name: 'report-x', creationTimestamp },
  spec: specFromJson(body),
  status,
});

describe('a report', () => {
  test('has the keys of the seed first, in its order, and its values', () => {
    const given = report(
      { image: 'quay.io/konveyor/forklift-must-gather', timeout: '30m' },
      {
        id: 15,
        phase: 'Completed',
        startedAt: '2021-06-30T13:19:18Z',
        finishedAt: '2021-06-30T13:23:05Z',
        archive: { name: 'must-gather.tar.gz', size: 95_334, sha256: 'a'.repeat(64) },
      },
    );
    const shown = restReport(given, '[must-gather      ] OUT Using must-gather plug-in image');
    const seed = {
      id: 15,
      'created-at': '2021-06-30T13:19:17Z',
      'updated-at': '2021-06-30T13:23:05Z',
      'custom-name': '',
      status: 'completed',
      image: 'quay.io/konveyor/forklift-must-gather',
      'image-stream': '',
      'node-name': '',
      command: '',
      'source-dir': '',
      timeout: '30m',
      server: '',
      'archive-size': 95_334,
      'archive-name': 'must-gather.tar.gz',
      'exec-output': '[must-gather      ] OUT Using must-gather plug-in image',
    };
    expect(shown).toMatchObject(seed);
    expect(Object.keys(shown).slice(0, 15)).toEqual(Object.keys(seed));
  });

  test('that is new has every key, too', () => {
    const shown = restReport({ metadata: {}, spec: specFromJson({}) }, '');
    expect(shown).toMatchObject({ id: 0, status: 'new', 'archive-size': 0, 'archive-name': '', 'exec-output': '' });
    expect(Object.values(shown)).not.toContain(undefined);
  });

  test('was not changed before it was made, whatever the clock of the server says', () => {
    const metadata = { creationTimestamp: '2026-11-21T10:00:00Z' };
    const shown = restReport(
      { metadata, spec: specFromJson({}), status: { startedAt: '2026-11-21T09:00:01.000Z' } },
      '',
    );
    expect(shown['updated-at']).toBe('2026-11-21T10:00:00Z');
  });

  test('is partial, or says why it failed', () => {
    const why = (message: string) => [
      { type: 'Failure', status: 'True', reason: 'X', message, lastTransitionTime: '2026-11-21T00:00:00Z' } as const,
    ];
    const partial = restReport(report({}, { phase: 'Partial', conditions: why('1 of 3 gathers') }), '');
    expect(partial).toMatchObject({ status: 'completed', partial: true, message: '1 of 3 gathers' });
    const failed = restReport(report({}, { phase: 'Failed', conditions: why('no image') }), '');
    expect(failed).toMatchObject({ status: 'error', partial: false, message: 'no image' });
  });

  test('can be sent back as a request: the same spec again', () => {
    const asked = {
      images: ['a', 'b'],
      since: '90m',
      'node-selector': 'x',
      'delete-after': '2h',
      'keep-namespace': true,
    };
    const spec = specFromJson(asked);
    const shown = restReport({ metadata: {}, spec }, '');
    const keys = new Set(Object.values(restKeys));
    const back = Object.fromEntries(Object.entries(shown).filter(([key]) => keys.has(key)));
    expect(specFromJson(back)).toEqual(spec);
  });

  test('every phase is one of the four states', () => {
    const states = PHASES.map((phase) => restState(report({}, { phase })));
    expect(states).toEqual(['new', 'inprogress', 'inprogress', 'completed', 'completed', 'error', 'error']);
  });
});

describe('a list', () => {
  const reports = [5, 1, 4, 2, 3].map((id) => report({ 'custom-name': id % 2 ? 'odd' : 'even' }, { id }));
  const ids = (query: string) => pageOf(reports, parseListQuery(new URLSearchParams(query)));
  const shown = (query: string) => ids(query).reports.map(({ status }) => status?.id);

  it('without parameters is what old UIs expect: all, ascending, no logs', () => {
    expect(shown('')).toEqual([1, 2, 3, 4, 5]);
    expect(ids('').link).toBeUndefined();
    expect(parseListQuery(new URLSearchParams(''))).toMatchObject({ execOutput: false });
  });

  it('comes in pages, either way round', () => {
    expect([shown('limit=2'), ids('limit=2').link]).toEqual([[1, 2], '</must-gather?limit=2&continue=2>; rel="next"']);
    expect(shown('limit=2&continue=4')).toEqual([5]);
    expect(shown('order=desc&limit=2')).toEqual([5, 4]);
    expect(ids('order=desc&limit=2&exec-output=true').link).toBe(
      '</must-gather?limit=2&continue=4&order=desc&exec-output=true>; rel="next"',
    );
    expect(shown('order=desc&limit=2&continue=2')).toEqual([1]);
  });

  it('by its pages is the whole list, whatever the limit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 1000 })), fc.integer({ min: 1, max: 9 }), (given, limit) => {
        const all = given.map((id) => report({}, { id }));
        const seen: number[] = [];
        let query: string | undefined = `limit=${limit}`;
        while (query !== undefined) {
          const page: Page<ReportObject> = pageOf(all, parseListQuery(new URLSearchParams(query)));
          seen.push(...page.reports.map(({ status }) => status?.id ?? 0));
          query = page.link === undefined ? undefined : /\?(.*)>/.exec(page.link)?.[1];
        }
        expect(seen).toEqual([...given].sort((a, b) => a - b));
      }),
    );
  });

  it.each(['limit=0', 'limit=x', 'limit=-1', 'limit=1001', 'order=up', 'exec-output=1', 'continue=a'])(
    'refuses %s by its key',
    (query) => {
      const key = query.split('=')[0];
      expect(thrownBy(() => ids(query))).toSatisfy(refused(new RegExp(`^${key}: `), key));
    },
  );

  it('is looked up in by number, else by the newest of a custom name', () => {
    const numbered = [...reports, report({ 'custom-name': '2' }, { id: 9 })];
    const found = (key: string) => findReport(numbered, key)?.status?.id;
    expect(['4', 'odd', 'even', '2', '9', 'none', '', '0x1', ' 1', '01'].map(found)).toEqual([
      4,
      5,
      4,
      2,
      9,
      ...Array<undefined>(5).fill(undefined),
    ]);
  });
});

describe('the name of an archive', () => {
  it.each([
    [undefined, 'must-gather.tar.gz'],
    ['', 'must-gather.tar.gz'],
    ['plan:plan1', 'must-gather-plan:plan1.tar.gz'],
    ['vm:win 11', 'must-gather-vm:win-11.tar.gz'],
    ['../../etc/passwd', 'must-gather-etc-passwd.tar.gz'],
    ['a"b\r\nc', 'must-gather-a-b-c.tar.gz'],
    ['...', 'must-gather.tar.gz'],
    ['מבחן', 'must-gather-מבחן.tar.gz'],
  ])('%j: %s', (customName, expected) => expect(archiveName(customName)).toBe(expected));

  it('is one clean segment of a path, and not too long, whatever the custom name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (customName) => {
        const name = archiveName(customName);
        expect(name).toMatch(/^must-gather(-[\p{L}\p{N}\p{M}._:-]+)?\.tar\.gz$/u);
        expect(name).not.toMatch(/\.\./);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(220);
      }),
    );
  });
});
