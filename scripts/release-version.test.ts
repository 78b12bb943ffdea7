import { expect, test } from 'vitest';
import { changesOf, lockWithVersion, VERSION_PATTERN, withRelease, withVersion } from './release-version.ts';

const changelog = `# Changelog

## Unreleased
### Added
- Something.

## 0.1.0 (2026-01-02)
### Fixed
- Another thing.
`;

test('what is unreleased becomes a section with version and day, and is read back as its notes', () => {
  const released = withRelease(changelog, '0.2.0-rc.1', new Date('2026-11-21T23:00:00Z'));
  expect(released).toContain('## Unreleased\n\n## 0.2.0-rc.1 (2026-11-21)\n### Added\n- Something.\n\n## 0.1.0');
  expect(changesOf(released, '0.2.0-rc.1')).toBe('### Added\n- Something.');
  expect(changesOf(released, '0.1.0')).toBe('### Fixed\n- Another thing.');
  expect(changesOf(released, '0.2.0')).toBeUndefined();
  expect(changesOf(released, 'Unreleased')).toBeUndefined();
});

test('where nothing is unreleased there is no release', () => {
  const released = withRelease(changelog, '0.2.0', new Date(0));
  expect(() => withRelease(released, '0.3.0', new Date(0))).toThrow('nothing under Unreleased');
});

test('a version is written where it belongs, and nowhere else', () => {
  const manifest = '{\n  "name": "muster",\n  "version": "0.1.0",\n  "x": {\n    "version": "0.1.0"\n  }\n}\n';
  expect(withVersion(manifest, '0.2.0')).toBe(manifest.replace('0.1.0', '0.2.0'));
  const lock = {
    name: 'muster',
    version: '0.1.0',
    packages: {
      '': { name: 'muster', version: '0.1.0' },
      'node_modules/a': { version: '0.1.0' },
      web: { version: '0.1.0' },
    },
  };
  expect(JSON.parse(lockWithVersion(JSON.stringify(lock), '0.2.0'))).toEqual({
    name: 'muster',
    version: '0.2.0',
    packages: {
      '': { name: 'muster', version: '0.2.0' },
      'node_modules/a': { version: '0.1.0' },
      web: { version: '0.2.0' },
    },
  });
});

test.each(['1.2.3', '0.2.0-rc.1', '10.0.0'])('%s is a version', (version) => expect(version).toMatch(VERSION_PATTERN));
test.each(['v1.2.3', '1.2', '1.2.3+build', '1.2.3-', ''])('%s is none', (text) =>
  expect(text).not.toMatch(VERSION_PATTERN),
);
