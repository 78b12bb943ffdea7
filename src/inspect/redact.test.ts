import { describe, expect, it } from 'vitest';
import { redacted } from './redact.ts';

const planted = 'hunter2-planted';
const copies = {
  'kubectl.kubernetes.io/last-applied-configuration': planted,
  'openshift.io/token-secret.value': planted,
  'kapp.k14s.io/original': planted,
  'objectset.rio.cattle.io/applied': planted,
  'banzaicloud.com/last-applied': planted,
  harmless: 'stays',
};
const metadata = { name: 'x', annotations: copies };

describe('nothing is left of what is secret', () => {
  it.each([
    ['a Secret', '', 'secrets', { data: { p: Buffer.from(planted).toString('base64') }, stringData: { p: planted } }],
    ['a Route', 'route.openshift.io', 'routes', { spec: { host: 'h', tls: { key: planted, termination: 'edge' } } }],
    ['a Route whose key was taken out later', 'route.openshift.io', 'routes', { spec: { host: 'h' } }],
    ['a Proxy', 'config.openshift.io', 'proxies', { spec: { httpProxy: `http://a/b:${planted}@h` }, status: null }],
    ['an OAuthClient', 'oauth.openshift.io', 'oauthclients', { secret: planted, additionalSecrets: [planted] }],
  ])('in %s', (_what, group, plural, fields) => {
    const text = JSON.stringify(redacted(group, plural, { metadata, ...fields }));
    expect(text).not.toContain(planted);
    expect(text).not.toContain(Buffer.from(planted).toString('base64'));
    expect(text).toContain('stays');
  });

  it('and nothing is taken from what is not', () => {
    const object = { metadata, data: { p: planted } };
    expect(redacted('', 'configmaps', object)).toBe(object);
    const route = redacted('route.openshift.io', 'routes', { metadata: { name: 'r' }, spec: { host: 'h' } });
    expect(route).toEqual({ metadata: { name: 'r' }, spec: { host: 'h' } });
  });
});
