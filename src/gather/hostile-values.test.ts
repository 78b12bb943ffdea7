import { expect, test } from 'vitest';
import { MusterError } from '../report/errors.ts';
import { type Spec, type SpecField, validateSpec } from '../report/spec.ts';
import { gatherPod } from './pod.ts';

/** What is code to a shell, a flag to a program, or a step up to a path. */
const PAYLOADS = [
  ...[
    '; id',
    '$(id)',
    '`id`',
    '| id',
    '&& id',
    '|| id',
    '& id',
    "'; id #",
    '"; id #',
    "'$(id)'",
    '$' + '{IFS}id',
    '$IFS',
  ],
  ...[
    '\nid',
    '\r\nid',
    '\0',
    '%00',
    '\\',
    '\t',
    ' ',
    '$((1))',
    '>(id)',
    '<(id)',
    '> /tmp/x',
    '< /etc/passwd',
    '*',
    '?',
  ],
  ...['~', '{a,b}', '!!', '#', '$(NODE_NAME)', '$$', '--server=https://evil.example', ' --token=x', '-rf /', '-'],
  ...[
    '../../etc',
    '/../..',
    '//evil.example/x',
    '@evil.example',
    '\u202e',
    '\u00ad',
    '\ud800',
    '\u{1f600}',
    '<b>',
    '&amp;',
  ],
];

/** For each field a good value to lean on, and what a taken value is made of. */
const FIELDS: readonly (readonly [SpecField, string, RegExp])[] = [
  ['images', 'quay.io/a/b', /^[A-Za-z0-9._/:@[\]-]+$/],
  ['imageStreams', 'openshift/must-gather', /^[A-Za-z0-9._/:-]+$/],
  ['components', 'cluster', /^[a-z0-9.-]+$/],
  ['nodeName', 'node-1', /^[a-z0-9.-]+$/],
  ['runNamespace', 'shop', /^[a-z0-9-]+$/],
  ['since', '8h', /^[0-9.hmsnuµμ]+$/],
  ['sinceTime', '2026-11-21T10:00:00Z', /^[0-9TZ:.+-]+$/],
  ['timeout', '10m', /^[0-9.hmsnuµμ]+$/],
  ['deleteAfter', '24h', /^([0-9.hmsnuµμ]+|never)$/],
  ['server', 'https://api.example.com:6443', /^https:\/\/[A-Za-z0-9./:~_[\]-]+$/],
  // Taken as they are: their ways lead into variables, selectors and names of files only.
  ['sourceDir', '/must-gather', /^\/[^:\0\n]+$/],
  ['customName', 'case 1', /^[^\0\n/]+$/],
  ['command', '/usr/bin/gather', /^[^\0]+$/],
];

const values = FIELDS.flatMap(([field, good]) =>
  PAYLOADS.flatMap((payload) =>
    [payload, `${good}${payload}`, `${payload}${good}`].map((value) => [field, value] as const),
  ),
);

function specOf(field: SpecField, value: string): Spec | undefined {
  const isList = field === 'images' || field === 'imageStreams' || field === 'components';
  try {
    return validateSpec({ [field]: isList ? [value] : value }).spec;
  } catch (error) {
    expect(error).toBeInstanceOf(MusterError);
    return undefined;
  }
}

function podOf(spec: Spec) {
  return gatherPod({
    gatherName: 'cluster',
    namespace: spec.runNamespace ?? 'openshift-must-gather-x',
    image: spec.images[0] ?? 'quay.io/a/b',
    command: spec.command ?? '/usr/bin/gather',
    sourceDir: spec.sourceDir,
    timeoutMs: 600_000,
    volumePercentage: spec.volumePercentage,
    since: spec.since,
    sinceTime: spec.sinceTime,
    hostNetwork: spec.hostNetwork,
    nodeName: spec.nodeName,
    placement: { candidates: [], controlPlane: false },
    marks: { labels: {}, annotations: {} },
    packer: { image: 'quay.io/muster/muster', ingestUrl: 'https://muster-ingest.muster.svc:8444', ingestCa: 'PEM' },
  });
}

/** What programs are called with: never anything of a request. */
function calledWith({ spec }: ReturnType<typeof podOf>) {
  return spec.containers.map(({ name, command, args }) => ({ name, command, args }));
}

test('are many', () => expect(values.length).toBeGreaterThan(1500));

test.each(FIELDS)('in %s are refused, or no part of what is run', (field, good, allowed) => {
  const usual = calledWith(podOf(validateSpec({}).spec));
  let taken = 0;
  for (const [, value] of values.filter(([name]) => name === field)) {
    const spec = specOf(field, value);
    if (spec === undefined) continue;
    taken += 1;
    expect(value).toMatch(allowed);
    expect(calledWith(podOf(spec)), value).toEqual(usual);
  }
  expect(specOf(field, good), 'the good value is good').toBeDefined();
  // Grammars take few of them; free text takes most.
  const isFree = ['sourceDir', 'customName', 'command'].includes(field);
  expect(taken / (PAYLOADS.length * 3))[isFree ? 'toBeGreaterThan' : 'toBeLessThan'](isFree ? 0.25 : 0.2);
});
