// Makes a release in two steps, and pushes nothing: `node scripts/release.ts VERSION [--image REGISTRY/muster@sha256:…]`.
// Other images that overlays name are `--image oauth-proxy=REGISTRY/NAME@sha256:…`.
// The first run writes the version down, for a commit; the second, with the image that was built of that commit, makes
// dist/release. docs/releasing.md has the whole way.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checksums, type Images, installFiles, npmFile, plainFiles, unnamedImages } from './release-files.ts';
import { changesOf, lockWithVersion, VERSION_PATTERN, withRelease, withVersion } from './release-version.ts';
import { sourceDate } from './source-date.ts';

const root = join(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const rewrite = (name: string, change: (text: string) => string) => writeFileSync(join(root, name), change(read(name)));

async function main(version: string | undefined, named: readonly string[]): Promise<void> {
  if (version === undefined || !VERSION_PATTERN.test(version)) throw new Error('say which version, such as 1.2.3');
  const dirty = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }).trim();
  if (dirty !== '') throw new Error(`a release is made of a commit; this is in none:\n${dirty}`);
  const { version: current } = JSON.parse(read('package.json')) as { version: string };
  const notes = changesOf(read('CHANGELOG.md'), version);
  if (notes === undefined) return writeDown(version);
  if (current !== version) throw new Error(`CHANGELOG.md has ${version} already, and the sources say ${current}`);
  await make({ version, notes, images: imagesOf(named) });
}

/** `muster` is the one that is given without a name. */
function imagesOf(named: readonly string[]): Images & { muster: string } {
  const images = named.map((text) => {
    const [, name = 'muster', image] = /^(?:([a-z-]+)=)?([^@=\s]+@sha256:[0-9a-f]{64})$/.exec(text) ?? [];
    if (image === undefined) throw new Error(`--image ${text}: images are named by digest, REGISTRY/NAME@sha256:…`);
    return [name, image] as const;
  });
  const { muster, ...others } = Object.fromEntries(images);
  if (muster === undefined)
    throw new Error('build the image of this commit, push it, and name it by digest: --image REGISTRY/muster@sha256:…');
  return { ...others, muster };
}

function writeDown(version: string): void {
  rewrite('CHANGELOG.md', (text) => withRelease(text, version, sourceDate(process.env)));
  for (const name of ['package.json', 'web/package.json']) rewrite(name, (text) => withVersion(text, version));
  rewrite('package-lock.json', (text) => lockWithVersion(text, version));
  // In a process of its own: this one knows the old version.
  execFileSync(process.execPath, [join(root, 'scripts/generate.ts')], { stdio: 'inherit' });
  console.log(`The sources say ${version} now. Read the change, then:
  git commit -am 'Release ${version}'
  npm ci && npm run bundle       # and build, push the image: docs/releasing.md
  node scripts/release.ts ${version} --image REGISTRY/muster@sha256:DIGEST`);
}

type Wanted = {
  readonly version: string;
  readonly notes: string;
  readonly images: Images & { readonly muster: string };
};

async function make({ version, notes, images }: Wanted): Promise<void> {
  // What an earlier commit left there is no part of this one.
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  // Vite makes other pages for other values, and writes where the sources lie into them.
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync('npm', ['run', '-s', 'bundle'], { cwd: root, env, stdio: 'inherit' });
  const release = { version, image: images.muster, notes, date: sourceDate(process.env), dist: join(root, 'dist') };
  const toInstall = installFiles(images);
  const files = [...(await plainFiles(release)), ...toInstall, npmFile(version)];
  const folder = join(root, 'dist', 'release');
  mkdirSync(folder, { recursive: true });
  for (const { name, content } of [...files, checksums(files)]) writeFileSync(join(folder, name), content);
  for (const file of toInstall)
    for (const image of unnamedImages(file)) console.log(`${file.name} leaves open which image ${image} is`);
  console.log(`dist/release has ${files.length} files and their SHA256SUMS. Nothing was pushed. Next:
  git tag -s v${version} -F dist/release/notes.md
  git push origin v${version}
  then give the files of dist/release to the page of the release, and push the bundle for OLM: docs/olm.md`);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { image: { type: 'string', multiple: true } },
});
await main(positionals[0], values.image ?? []);
