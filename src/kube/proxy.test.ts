import { expect, it } from 'vitest';
import { proxyFromEnvironment } from './proxy.ts';

it.each([
  ['https://api.example:6443', '', 'http://proxy:3128'],
  ['https://api.example:6443', 'other.example', 'http://proxy:3128'],
  ['https://api.example:6443', 'example', undefined],
  ['https://api.example:6443', '.example', undefined],
  ['https://example:6443', '.example', 'http://proxy:3128'],
  ['https://notexample:6443', 'example', 'http://proxy:3128'],
  ['https://api.example:6443', 'api.example:443', 'http://proxy:3128'],
  ['https://api.example:6443', 'a, api.example:6443', undefined],
  ['https://api.example:6443', '*', undefined],
  ['https://10.1.2.3:6443', '10.0.0.0/8', undefined],
  ['https://11.1.2.3:6443', '10.0.0.0/8,10.0.0.0/99,x/y', 'http://proxy:3128'],
  ['https://[fd00::1]:6443', 'fd00::/8', undefined],
  ['https://127.0.0.1:6443', '', undefined],
  ['https://localhost:6443', '', undefined],
  ['http://api.example', '', undefined],
])('the proxy for %s with NO_PROXY=%s is %s', (server, noProxy, proxy) => {
  expect(proxyFromEnvironment(server, { HTTPS_PROXY: 'proxy:3128', NO_PROXY: noProxy })).toBe(proxy);
});
