import { expect, test } from 'vitest';
import { packagesOf } from './bundled-packages.ts';

test('files belong to the package whose folder is nearest; own files and made-up ones to none', () => {
  const files = [
    '/home/me/muster/src/cli/bin.ts',
    '/home/me/muster/node_modules/undici/lib/api/index.js',
    '/home/me/muster/node_modules/undici/index.js',
    '\0/home/me/muster/node_modules/@aws-sdk/core/dist/a.js?commonjs',
    '/home/me/muster/node_modules/a/node_modules/@b/c/index.js|layer',
    '/home/me/muster/web/node_modules/react-i18next/dist/es/index.js',
    '/elsewhere/node_modules/stray/index.js',
    '\0rolldown/runtime.js',
    'node:fs',
  ];
  expect(packagesOf(files, '/home/me/muster')).toEqual([
    'node_modules/@aws-sdk/core',
    'node_modules/a/node_modules/@b/c',
    'node_modules/undici',
    'web/node_modules/react-i18next',
  ]);
});
