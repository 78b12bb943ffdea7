// A release made from a copy of these sources, as they are in the working tree. With MUSTER_LONG it is built twice, whole.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepPackages } from './bundled-packages.ts';
import { checksums, plainFiles, unnamedImages } from './release-files.ts';

const root = join(import.meta.dirname, '..');
const IMAGE = `example.com/muster@sha256:${'a'.repeat(64)}`;
const VERSION = '98.7.6';
let place = '';
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'muster-release-test-'));
});
afterAll(() => rmSync(place, { recursive: true }), 180_000);

const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** A repository of one commit, with the packages that are installed here. */
function copySources(name: string): string {
  const folder = join(place, name);
  const files = git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0').filter(Boolean);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file), { force: true });
  }
  symlinkSync(realpathSync(join(root, 'node_modules')), join(folder, 'node_modules'));
  symlinkSync(realpathSync(join(root, 'web', 'node_modules')), join(folder, 'web', 'node_modules'));
  git(folder, 'init', '--quiet');
  commit(folder);
  return folder;
}

function commit(folder: string): void {
  git(folder, 'add', '--all');
  const env = { GIT_COMMITTER_DATE: '2026-11-21T12:00:00Z', GIT_AUTHOR_DATE: '2026-11-21T12:00:00Z' };
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '--quiet', '-m', 'All'], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
}

function release(folder: string, ...args: string[]): { ok: boolean; text: string } {
  const { SOURCE_DATE_EPOCH: _, ...env } = process.env;
  const run = spawnSync(process.execPath, [join(folder, 'scripts/release.ts'), ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { ok: run.status === 0, text: run.stdout + run.stderr };
}

describe('from a copy of the sources', { timeout: 180_000 }, () => {
  let copy = '';
  beforeAll(() => {
    copy = copySources('copy');
  }, 180_000);
  const read = (name: string) => readFileSync(join(copy, name), 'utf8');

  test('refuses what is no version, and a working tree that is no commit', () => {
    expect(release(copy, 'v1.2')).toMatchObject({ ok: false, text: expect.stringContaining('such as 1.2.3') });
    writeFileSync(join(copy, 'stray'), '');
    const { ok, text } = release(copy, VERSION);
    rmSync(join(copy, 'stray'));
    expect({ ok, text }).toMatchObject({ ok: false, text: expect.stringContaining('?? stray') });
  });

  test('first writes the version down, wherever it stands, and says what to do', () => {
    const { ok, text } = release(copy, VERSION);
    expect(text).toContain(`git commit -am 'Release ${VERSION}'`);
    expect(ok).toBe(true);
    expect(JSON.parse(read('package.json'))).toMatchObject({ version: VERSION });
    expect(JSON.parse(read('web/package.json'))).toMatchObject({ version: VERSION });
    expect(JSON.parse(read('package-lock.json'))).toMatchObject({ version: VERSION });
    expect(read('deploy/Containerfile')).toContain(`ARG VERSION=${VERSION}\n`);
    expect(read('deploy/olm/bundle/manifests/muster.clusterserviceversion.yaml')).toContain(
      `name: muster.v${VERSION}\n`,
    );
    expect(read('CHANGELOG.md')).toContain(`\n## ${VERSION} (2026-11-21)\n`);
  });

  test('then wants the image by digest', () => {
    commit(copy);
    for (const image of [[], ['--image', 'example.com/muster:1.2.3']])
      expect(release(copy, VERSION, ...image)).toMatchObject({ ok: false, text: expect.stringContaining('by digest') });
  });

  test('and makes none of a version that was left behind', () => {
    writeFileSync(join(copy, 'CHANGELOG.md'), `${read('CHANGELOG.md')}\n## 0.0.1 (2026-01-01)\n- Old.\n`);
    commit(copy);
    expect(release(copy, '0.0.1', '--image', IMAGE)).toMatchObject({
      ok: false,
      text: expect.stringContaining(`has 0.0.1 already, and the sources say ${VERSION}`),
    });
  });
});

/** The program of a release, built into a folder of its own, with pages and plugin that are quick to make. */
function build(name: string): string {
  const dist = join(place, name);
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1700000000' };
  execFileSync(process.execPath, [join(root, 'scripts/bundle.ts'), join(dist, 'muster.mjs')], { env });
  for (const part of ['pages', 'plugin'] as const) {
    // The bundler brings along those that were built here before.
    rmSync(join(dist, part), { recursive: true, force: true });
    mkdirSync(join(dist, part), { recursive: true });
    writeFileSync(join(dist, part, 'index.html'), part);
    keepPackages(part, [], join(dist, 'packages'));
  }
  execFileSync(process.execPath, [join(root, 'scripts/sbom.ts'), dist], { env });
  return dist;
}

test('what an installer still has to name is told', () => {
  const content = `spec:\n  containers:\n    - image: ${IMAGE}\n      name: a\n    - name: b\n      image: oauth-proxy\n`;
  expect(unnamedImages({ name: 'muster.yaml', content })).toEqual(['oauth-proxy']);
});

test('two builds make the same files, byte for byte', async () => {
  const facts = { version: '1.2.3', image: IMAGE, date: new Date(1_700_000_000_000), notes: 'New.' };
  const once = await plainFiles({ ...facts, dist: build('once') });
  const again = await plainFiles({ ...facts, dist: build('again') });
  expect(checksums(again)).toEqual(checksums(once));
  expect(once.map(({ name }) => name)).toEqual([
    'muster-1.2.3.tar.gz',
    'muster-1.2.3.spdx.json',
    'muster-olm-1.2.3.tar.gz',
    'notes.md',
  ]);
  // What is in them is what was built, and other tools read it.
  const folder = join(place, 'unpacked');
  mkdirSync(folder);
  for (const { name, content } of [...once, checksums(once)]) writeFileSync(join(folder, name), content);
  execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder });
  execFileSync('tar', ['-xzf', 'muster-1.2.3.tar.gz'], { cwd: folder });
  const started = execFileSync(process.execPath, [join(folder, 'muster-1.2.3/muster.mjs'), '--version'], {
    encoding: 'utf8',
  });
  expect(started).toMatch(/^muster \d/);
  expect(readFileSync(join(folder, 'muster-1.2.3/pages/index.html'), 'utf8')).toBe('pages');
  const bundle = execFileSync('tar', ['-xzOf', 'muster-olm-1.2.3.tar.gz'], { cwd: folder, encoding: 'utf8' });
  expect(bundle).toContain(`containerImage: ${IMAGE}\n`);
}, 180_000);

test.runIf(process.env.MUSTER_LONG !== undefined)(
  'whole releases from two copies of the sources are the same, byte for byte',
  () => {
    const sums = ['one', 'two'].map((name) => {
      const folder = copySources(name);
      expect(release(folder, VERSION)).toMatchObject({ ok: true });
      commit(folder);
      expect(release(folder, VERSION, '--image', IMAGE)).toMatchObject({ ok: true });
      expect(git(folder, 'status', '--porcelain')).toBe('');
      return readFileSync(join(folder, 'dist/release/SHA256SUMS'), 'utf8');
    });
    expect(sums[0]).toMatch(/ {2}muster-kubernetes\.yaml\n/);
    expect(sums[1]).toBe(sums[0]);
  },
);
