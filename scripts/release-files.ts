import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { olmBundle } from './olm-bundle.ts';
import { filesUnder, sortedTarGz } from './sorted-tar.ts';

const root = join(import.meta.dirname, '..');

export type Release = {
  readonly version: string;
  /** `REGISTRY/muster@sha256:…`, as clusters are to pull it. */
  readonly image: string;
  /** What all files in archives are dated. */
  readonly date: Date;
  /** Where `npm run bundle` put what it made. */
  readonly dist: string;
  /** What changed, for the tag and the page of the release. */
  readonly notes: string;
};

export type ReleaseFile = { readonly name: string; readonly content: Buffer | string };

/** The files that need nothing but Node: the program, the list of what it is made of, the bundle for OLM, the notes. */
export async function plainFiles({ version, image, date, dist, notes }: Release): Promise<ReleaseFile[]> {
  const folder = `muster-${version}`;
  const program = globSync('*.mjs', { cwd: dist }).map((name) => ({
    name: `${folder}/${name}`,
    content: readFileSync(join(dist, name)),
  }));
  const beside = ['pages', 'plugin', 'doc'].flatMap((name) => filesUnder(join(dist, name), `${folder}/${name}`));
  const licence = { name: `${folder}/LICENSE`, content: readFileSync(join(root, 'LICENSE')) };
  const bundle = olmBundle(image).map(({ name, content }) => ({ name: `muster-olm-${version}/${name}`, content }));
  return [
    { name: `muster-${version}.tar.gz`, content: await sortedTarGz([...program, ...beside, licence], date) },
    { name: `muster-${version}.spdx.json`, content: readFileSync(join(dist, 'doc', 'muster.spdx.json')) },
    { name: `muster-olm-${version}.tar.gz`, content: await sortedTarGz(bundle, date) },
    { name: 'notes.md', content: `${notes}\n` },
  ];
}

/** Images by the names that `deploy` has for them; `muster` is one. */
export type Images = Readonly<Record<string, string>>;

/** What `kubectl apply -f` takes: one file for each overlay, for the base, and for what goes before OLM's bundle. */
export function installFiles(images: Images): ReleaseFile[] {
  const overlays = globSync('deploy/overlays/*/kustomization.yaml', { cwd: root }).map(dirname).sort();
  return [
    { name: 'muster.yaml', content: kustomized('deploy/base', images) },
    ...overlays.map((folder) => ({ name: `muster-${basename(folder)}.yaml`, content: kustomized(folder, images) })),
    { name: 'muster-olm-before.yaml', content: kustomized('deploy/olm/before', images) },
  ];
}

/** Images that a file names by no digest: whoever installs it has to say which they are. */
export function unnamedImages({ content }: ReleaseFile): string[] {
  const named = [...content.toString().matchAll(/^\s*(?:- )?image: (\S+)$/gm)].map(([, image = '']) => image);
  return [...new Set(named.filter((image) => !image.includes('@sha256:')))];
}

function kustomized(folder: string, images: Images): string {
  const place = mkdtempSync(join(realpathSync(tmpdir()), 'muster-release-'));
  try {
    const overlay = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [relative(place, realpathSync(join(root, folder)))],
      images: Object.entries(images).map(([name, image]) => {
        const [newName, digest] = image.split('@');
        return { name, newName, digest };
      }),
    };
    writeFileSync(join(place, 'kustomization.yaml'), JSON.stringify(overlay));
    return execFileSync('kubectl', ['kustomize', place], { encoding: 'utf8', maxBuffer: 16 * 2 ** 20 });
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** The npm package; npm itself sees to it that the same files make the same bytes. */
export function npmFile(version: string): ReleaseFile {
  const place = mkdtempSync(join(tmpdir(), 'muster-release-'));
  try {
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', place], { cwd: root });
    const name = `muster-${version}.tgz`;
    return { name: `muster-npm-${version}.tgz`, content: readFileSync(join(place, name)) };
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** As sha256sum writes it, and `sha256sum --check` reads. */
export function checksums(files: readonly ReleaseFile[]): ReleaseFile {
  const line = ({ name, content }: ReleaseFile) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`;
  return { name: 'SHA256SUMS', content: files.map(line).sort().join('') };
}
