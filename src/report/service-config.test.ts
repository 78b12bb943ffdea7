import { describe, expect, test } from 'vitest';
import { describeServiceConfig, readServiceConfig, type ServiceConfigInput } from './service-config.ts';
import { serviceSettings, variableOf } from './service-settings.ts';

const input = (flags: Record<string, string> = {}, env: Record<string, string> = {}): ServiceConfigInput => ({
  flags,
  env,
  podNamespace: undefined,
});
const read = (flags: Record<string, string> = {}, env: Record<string, string> = {}) =>
  readServiceConfig(input(flags, env));

test('nothing said: loopback, tokens, TLS of its own, no packers, everything kept', () => {
  expect(read()).toEqual({
    listen: { host: '127.0.0.1', port: 8443 },
    scheme: 'https',
    auth: 'token',
    proxyTokenHeader: undefined,
    tlsFiles: undefined,
    ingest: undefined,
    publicUrl: undefined,
    store: 'muster-store',
    storeReserveBytes: 2 ** 30,
    keep: {},
    clusterName: undefined,
    alertmanager: undefined,
    namespace: 'muster',
    leaseName: 'muster',
    defaultImage: undefined,
    packImage: undefined,
    gathers: 4,
    logLevel: 'info',
  });
});

/** One good value of each setting, and where it shows. */
const GOOD: readonly (readonly [(typeof serviceSettings)[number]['name'], string, Record<string, unknown>])[] = [
  ['listen', '[::1]:0', { listen: { host: '::1', port: 0 } }],
  ['public-url', 'https://muster.example.org/support/', { publicUrl: 'https://muster.example.org/support' }],
  ['proxy-token-header', 'X-Forwarded-Access-Token', { proxyTokenHeader: 'x-forwarded-access-token' }],
  ['auth', 'none', { auth: 'none', scheme: 'http' }],
  ['store', 's3://archives/muster', { store: 's3://archives/muster' }],
  ['store-reserve', '5G', { storeReserveBytes: 5e9 }],
  ['keep-max-bytes', '1Ti', { keep: { maxBytes: 2 ** 40 } }],
  ['keep-max-count', '100', { keep: { maxCount: 100 } }],
  ['keep-max-age', '36h', { keep: { maxAgeMs: 36 * 3_600_000 } }],
  ['cluster-name', ' Prod, Basel ', { clusterName: 'Prod, Basel' }],
  ['alertmanager', 'https://alerts.example:9094/', { alertmanager: { url: 'https://alerts.example:9094' } }],
  ['namespace', 'support', { namespace: 'support' }],
  ['replicas-lease', 'muster-b', { leaseName: 'muster-b' }],
  ['default-image', 'registry.example/gather:v1', { defaultImage: 'registry.example/gather:v1' }],
  ['pack-image', 'registry.example/muster:v1', { packImage: 'registry.example/muster:v1' }],
  ['gathers', '8', { gathers: 8 }],
  ['log-level', 'warn', { logLevel: 'warn' }],
];

describe('each setting, as a flag and as a variable', () => {
  test.each(GOOD)('%s', (name, value, expected) => {
    expect(read({ [name]: value })).toMatchObject(expected);
    expect(read({}, { [variableOf(name)]: value })).toMatchObject(expected);
  });

  test('the certificate needs its key, and then the scheme is https even without tokens', () => {
    const pair = { 'tls-cert': 'a.crt', 'tls-key': 'a.key' };
    expect(read({ ...pair, auth: 'none' })).toMatchObject({
      tlsFiles: { certificateFile: 'a.crt', keyFile: 'a.key' },
      scheme: 'https',
    });
    expect(() => read({ 'tls-cert': 'a.crt' })).toThrow(/--tls-key: .*--tls-cert/);
    expect(() => read({}, { MUSTER_TLS_KEY: 'a.key' })).toThrow(/--tls-cert: .*--tls-key/);
  });

  test('packers: the address is that of the Service unless told', () => {
    expect(read({ 'ingest-listen': '0.0.0.0:8444', namespace: 'support' }).ingest).toEqual({
      listen: { host: '0.0.0.0', port: 8444 },
      url: 'https://muster-ingest.support.svc:8444',
    });
    const url = 'https://10.0.0.1:9000';
    expect(read({ 'ingest-listen': '0.0.0.0:8444', 'ingest-url': url }).ingest?.url).toBe(url);
    expect(() => read({ 'ingest-url': url })).toThrow(/--ingest-url.*--ingest-listen/);
    expect(() => read({ 'ingest-listen': '0.0.0.0:8443' })).toThrow(/--ingest-listen: port 8443/);
  });

  test('the CA of an Alertmanager goes with its address', () => {
    const url = 'https://alerts.example:9094';
    expect(read({ alertmanager: url, 'alertmanager-ca': 'ca.crt' }).alertmanager).toEqual({ url, caFile: 'ca.crt' });
    expect(() => read({ 'alertmanager-ca': 'ca.crt' })).toThrow(/--alertmanager-ca: .*--alertmanager/);
    expect(() => read({}, { MUSTER_ALERTMANAGER_CA: 'ca.crt' })).toThrow(/--alertmanager-ca: .*--alertmanager/);
  });

  test('every setting has a case here', () => {
    const told = [
      'tls-cert',
      'tls-key',
      'ingest-listen',
      'ingest-url',
      'alertmanager-ca',
      ...GOOD.map(([name]) => name),
    ];
    expect([...told].sort()).toEqual(serviceSettings.map(({ name }) => name).sort());
  });
});

test('a flag wins over a variable, and the empty one is none', () => {
  expect(read({ gathers: '2' }, { MUSTER_GATHERS: '3' }).gathers).toBe(2);
  expect(read({ gathers: '' }, { MUSTER_GATHERS: '3' }).gathers).toBe(3);
  expect(read({}, { MUSTER_GATHERS: '' }).gathers).toBe(4);
});

test("the namespace is the pod's own unless told", () => {
  expect(readServiceConfig({ flags: {}, env: {}, podNamespace: 'support' }).namespace).toBe('support');
  expect(readServiceConfig({ flags: { namespace: 'a' }, env: {}, podNamespace: 'support' }).namespace).toBe('a');
});

describe('what is refused, by the flag or the variable', () => {
  test.each<[string, string]>([
    ['listen', '8443'],
    ['listen', 'localhost'],
    ['listen', '127.0.0.1:65536'],
    ['listen', '::1:8443'],
    ['listen', '[::1:8443'],
    ['listen', 'a b:1'],
    ['ingest-listen', 'http://a:1'],
    ['public-url', 'muster.example.org'],
    ['public-url', 'ftp://a'],
    ['public-url', 'https://a/?q'],
    ['public-url', 'https://a/#f'],
    ['ingest-url', 'http://a:1'],
    ['auth', 'maybe'],
    ['proxy-token-header', 'Authorization'],
    ['proxy-token-header', 'X Token'],
    ['cluster-name', 'a\u0007b'],
    ['cluster-name', 'a'.repeat(101)],
    ['alertmanager', 'alerts:9094'],
    ['store', 'gs://bucket'],
    ['store-reserve', 'much'],
    ['keep-max-count', '0'],
    ['keep-max-count', '1.5'],
    ['keep-max-age', '7d'],
    ['keep-max-age', '0s'],
    ['namespace', 'A_b'],
    ['replicas-lease', '-a'],
    ['default-image', 'UPPER'],
    ['gathers', '101'],
    ['gathers', '-1'],
    ['log-level', 'debug'],
  ])('%s %s', (name, value) => {
    const refused = (field: string) =>
      expect.objectContaining({
        code: 'InvalidInput',
        field,
        message: expect.stringMatching(new RegExp(`^${field}: `)),
      });
    expect(() => read({ [name]: value })).toThrow(refused(`--${name}`));
    expect(() => read({}, { [variableOf(name)]: value })).toThrow(refused(variableOf(name)));
  });

  test.each([
    ['public-url', 'https://ada:canary@a'],
    ['public-url', 'ada:canary@a'],
    ['ingest-url', 'https://ada:canary@a:1'],
    ['alertmanager', 'https://ada:canary@a:1'],
    ['store', 's3://AKIA:canary@bucket/p'],
  ])('%s with a password, which is not repeated', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(/^(?!.*canary)--.*/);
  });
});

test('what is said at the start: every setting, its value, and where that came from', () => {
  const said = describeServiceConfig(
    input({ gathers: '2' }, { MUSTER_STORE: '/srv', AWS_SECRET_ACCESS_KEY: 'canary' }),
  );
  expect(Object.keys(said)).toEqual(serviceSettings.map(({ name }) => name));
  expect(said).toMatchObject({
    gathers: '2 (flag)',
    store: '/srv (environment)',
    auth: 'token (default)',
    'tls-cert': '[made by Muster]',
  });
  expect(JSON.stringify(said)).not.toContain('canary');
});
