import { expect, test } from 'vitest';
import { completeLock } from './complete-lock.ts';

test('adds the packages of platforms that the registry did not serve, and leaves the others alone', () => {
  const tool = {
    version: '1.2.3',
    dev: true,
    optionalDependencies: { '@t/linux-x64': '1.2.3', '@t/linux-arm64-musl': '1.2.3' },
  };
  const served = { version: '1.2.3', dev: true, optional: true };
  const { lock, added } = completeLock({
    packages: { '': {}, 'node_modules/tool': tool, 'node_modules/@t/linux-x64': served },
  });
  expect(added).toEqual(['@t/linux-arm64-musl']);
  expect(lock.packages['node_modules/@t/linux-x64']).toBe(served);
  expect(lock.packages['node_modules/@t/linux-arm64-musl']).toEqual({
    version: '1.2.3',
    dev: true,
    optional: true,
    os: ['linux'],
    cpu: ['arm64'],
    libc: ['musl'],
  });
  expect(completeLock(lock).added).toEqual([]);
});

test('a package that is no platform’s must not be missing', () => {
  const packages = { '': { optionalDependencies: { helper: '1.0.0' } } };
  expect(() => completeLock({ packages })).toThrow('helper@1.0.0');
});
