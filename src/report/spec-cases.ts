/** Specs that are good or bad: for the tests, which put the same ones to `validateSpec` and to a real API server. */
export type SpecCase = {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Absent: it is good. Else what the refusal says, and the field that it names. */
  readonly refused?: { readonly code: 'InvalidInput' | 'ConflictingInput'; readonly field: string };
};

const good = (name: string, spec: SpecCase['spec']): SpecCase => ({ name, spec });
const bad = (name: string, field: string, spec: SpecCase['spec']): SpecCase => ({
  name,
  spec,
  refused: { code: 'InvalidInput', field },
});
const clash = (field: string, spec: SpecCase['spec']): SpecCase => ({
  name: `${Object.keys(spec).join(' with ')}`,
  spec,
  refused: { code: 'ConflictingInput', field },
});

const SHA256 = 'a'.repeat(64);

export const specCases: readonly SpecCase[] = [
  good('nothing said', {}),
  good('everything that goes together', {
    images: ['quay.io/openshift/origin-must-gather:latest', 'localhost:5000/x', `a/b@sha256:${SHA256}`],
    imageStreams: ['openshift/must-gather', 'openshift/must-gather:v1'],
    components: ['cluster', 'kubevirt-hyperconverged-operator.v4.22'],
    customName: 'plan:Plan 1:\u05d0\u{1f600}',
    command: 'VAR="$(date)" /usr/bin/gather --x\nexit 3',
    nodeSelector: 'node-role.kubernetes.io/worker=,!x,y in (a,b), z notin (), n>5',
    hostNetwork: true,
    runNamespace: 'debug',
    keepNamespace: true,
    sourceDir: '/must-gather/./x/',
    timeout: '1h30m',
    sinceTime: '2024-02-29T23:59:59.123+05:30',
    volumePercentage: 100,
    server: 'https://api.example.com:6443',
    deleteAfter: 'never',
    cancel: false,
  }),
  good('a node and a span', { nodeName: 'node-1.example', since: '.5h', deleteAfter: '1.5h', timeout: '576h' }),
  good('all images with a selector', { allImages: true, nodeSelector: 'a' }),
  good('all images with empty lists', { allImages: true, images: [], hostNetwork: false }),
  good('exact bounds', { volumePercentage: 1, customName: '\u00e9'.repeat(253), timeout: '1ns' }),

  bad('an upper-case path', 'images', { images: ['quay.io/Foo/bar'] }),
  bad('an image with a scheme', 'images', { images: ['https://quay.io/foo'] }),
  bad('a short digest', 'images', { images: ['a@sha256:abc'] }),
  bad('an empty image', 'images', { images: [''] }),
  bad('a tag of 129 characters', 'images', { images: [`a:${'x'.repeat(129)}`] }),
  bad('65 images', 'images', { images: Array.from({ length: 65 }, () => 'a') }),
  bad('images as text', 'images', { images: 'a' }),
  bad('an image stream without a namespace', 'imageStreams', { imageStreams: ['must-gather'] }),
  bad('an image stream of three parts', 'imageStreams', { imageStreams: ['a/b/c'] }),
  bad('a component with a blank', 'components', { components: ['a b'] }),
  bad('a custom name with a slash', 'customName', { customName: 'a/b' }),
  bad('a custom name with a newline', 'customName', { customName: 'a\nb' }),
  bad('a custom name of 254 characters', 'customName', { customName: 'x'.repeat(254) }),
  bad('a blank command', 'command', { command: ' \n' }),
  bad('a command with a zero byte', 'command', { command: 'a\0b' }),
  bad('a node with a slash', 'nodeName', { nodeName: 'a/b' }),
  bad('a node with a percent sign', 'nodeName', { nodeName: 'a%2e' }),
  bad('an empty node', 'nodeName', { nodeName: '' }),
  bad('a selector with other characters', 'nodeSelector', { nodeSelector: 'a=b;c' }),
  bad('a blank selector', 'nodeSelector', { nodeSelector: ' ' }),
  bad('a namespace with a dot', 'runNamespace', { runNamespace: 'a.b' }),
  bad('a relative folder', 'sourceDir', { sourceDir: 'must-gather' }),
  bad('a folder that climbs', 'sourceDir', { sourceDir: '/must-gather/../etc' }),
  bad('the root', 'sourceDir', { sourceDir: '//./' }),
  bad('a folder with a colon', 'sourceDir', { sourceDir: '/a:b' }),
  bad('a timeout in days', 'timeout', { timeout: '1d' }),
  bad('a timeout without a unit', 'timeout', { timeout: '600' }),
  bad('a timeout of 0', 'timeout', { timeout: '0s' }),
  bad('a timeout below 0', 'timeout', { timeout: '-5m' }),
  bad('a timeout of 577 hours', 'timeout', { timeout: '577h' }),
  bad('a timeout beyond int64', 'timeout', { timeout: '9223372036855s' }),
  bad('a timeout as a number', 'timeout', { timeout: 600 }),
  bad('a span of 0', 'since', { since: '0' }),
  bad('a span below 0', 'since', { since: '-1h' }),
  bad('a time without a zone', 'sinceTime', { sinceTime: '2026-01-01T00:00:00' }),
  bad('the 30th of February', 'sinceTime', { sinceTime: '2026-02-30T00:00:00Z' }),
  bad('the year 0', 'sinceTime', { sinceTime: '0000-01-01T00:00:00Z' }),
  bad('a leap second', 'sinceTime', { sinceTime: '2026-06-30T23:59:60Z' }),
  bad('0 percent', 'volumePercentage', { volumePercentage: 0 }),
  bad('101 percent', 'volumePercentage', { volumePercentage: 101 }),
  bad('half percents', 'volumePercentage', { volumePercentage: 70.5 }),
  bad('a server without TLS', 'server', { server: 'http://api.example.com' }),
  bad('a server with a password', 'server', { server: 'https://a:b@api.example.com' }),
  bad('deletion in days', 'deleteAfter', { deleteAfter: '2d' }),
  bad('deletion at once', 'deleteAfter', { deleteAfter: '0s' }),
  bad('cancel as text', 'cancel', { cancel: 'yes' }),
  bad('a field that does not exist', 'image', { image: 'a' }),

  clash('images', { allImages: true, images: ['a'] }),
  clash('hostNetwork', { allImages: true, hostNetwork: true }),
  clash('imageStreams', { allImages: true, imageStreams: ['a/b'] }),
  clash('nodeName', { allImages: true, nodeName: 'a' }),
  clash('runNamespace', { allImages: true, runNamespace: 'a' }),
  clash('nodeSelector', { nodeName: 'a', nodeSelector: 'a' }),
  clash('sinceTime', { since: '1h', sinceTime: '2026-01-01T00:00:00Z' }),
];
