import { expect, test } from 'vitest';
import { isAllowed } from './check-licences.ts';
import { type Contents, containedPackages, spdxDocument } from './spdx.ts';

const contents: Contents = {
  version: '1.2.3',
  license: 'Apache-2.0',
  createdAt: new Date('2026-11-21T17:40:00.500Z'),
  parts: {
    pages: ['node_modules/react', 'web/node_modules/tslib'],
    program: ['node_modules/@a/b', 'node_modules/@a/b/node_modules/tslib', 'node_modules/tslib'],
  },
  lock: {
    'node_modules/react': { version: '18.3.1', license: 'MIT', integrity: `sha512-${'A'.repeat(86)}==` },
    'node_modules/@a/b': { version: '1.0.0-rc.1', license: '(MIT OR Apache-2.0)' },
    'node_modules/@a/b/node_modules/tslib': { version: '1.14.1', license: '0BSD' },
    'node_modules/tslib': { version: '2.8.1', license: '0BSD' },
    'web/node_modules/tslib': { version: '2.8.1', license: '0BSD' },
    'node_modules/vitest': { version: '5.1.1', license: 'MIT' },
  },
};

test('names what was bundled, each version once, with where it is; nothing else', () => {
  expect(containedPackages(contents).map(({ name, version, parts }) => ({ name, version, parts }))).toEqual([
    { name: '@a/b', version: '1.0.0-rc.1', parts: ['program'] },
    { name: 'react', version: '18.3.1', parts: ['pages'] },
    { name: 'tslib', version: '1.14.1', parts: ['program'] },
    { name: 'tslib', version: '2.8.1', parts: ['pages', 'program'] },
  ]);
});

test('refuses to list what it knows no version or licence of', () => {
  const lock = { ...contents.lock, 'node_modules/react': { version: '18.3.1' } };
  expect(() => spdxDocument({ ...contents, lock })).toThrow('node_modules/react is in the pages');
  expect(() => spdxDocument({ ...contents, parts: { program: ['node_modules/unknown'] } })).toThrow('unknown');
});

test('keeps the rules of SPDX 2.3', () => {
  const document = spdxDocument(contents);
  expect(document).toMatchObject({ spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', SPDXID: 'SPDXRef-DOCUMENT' });
  // §6.5: a URI without a fragment, of its own for each document.
  expect(document.documentNamespace).toMatch(/^https:\/\/[^#\s]+$/);
  expect(document.documentNamespace).not.toBe(spdxDocument({ ...contents, license: 'MIT' }).documentNamespace);
  // §6.8, §6.9
  expect(document.creationInfo.created).toBe('2026-11-21T17:40:00Z');
  for (const creator of document.creationInfo.creators) expect(creator).toMatch(/^(Person|Organization|Tool): \S/);
  // §7.2: unique, of letters, digits, dots and hyphens.
  const ids = document.packages.map(({ SPDXID }) => SPDXID);
  expect(new Set(ids).size).toBe(ids.length);
  for (const one of document.packages) {
    expect(one.SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
    expect(one.downloadLocation).toBe('NOASSERTION');
    expect(isAllowed(one.licenseDeclared), one.licenseDeclared).toBe(true);
    expect(one.externalRefs[0]?.referenceLocator).toMatch(
      /^pkg:(npm|generic)\/(%40[a-z0-9.-]+\/)?[a-z0-9.-]+@[0-9A-Za-z.+-]+$/,
    );
    for (const { algorithm, checksumValue } of one.checksums ?? []) {
      expect(algorithm).toBe('SHA512');
      expect(checksumValue).toMatch(/^[0-9a-f]{128}$/);
    }
  }
  // §11: every relationship joins elements that are there, and everything is reached.
  expect(document.relationships.map(({ relatedSpdxElement }) => relatedSpdxElement)).toEqual(ids);
  const known = new Set(['SPDXRef-DOCUMENT', ...ids]);
  for (const { spdxElementId } of document.relationships) expect(known).toContain(spdxElementId);
});

test('the same contents make the same document', () => {
  expect(JSON.stringify(spdxDocument(contents))).toBe(JSON.stringify(spdxDocument(structuredClone(contents))));
});
