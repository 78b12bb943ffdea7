import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An image: a directory with `image.json` and, in `root/`, files that lie at their path in the container. */
export type Image = {
  readonly names: readonly string[];
  /** `sha256:…` of the manifest and of the files. */
  readonly digest: string;
  /** The folder of its files. */
  readonly root: string;
  /** Its files' paths in the container. */
  readonly files: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
};

type Manifest = Partial<Pick<Image, 'names' | 'entrypoint' | 'cmd' | 'env' | 'workingDir'>>;

/** Reads the images in the folders of `directory`. Throws for a manifest that is no JSON or names no image. */
export async function readImages(directory: string): Promise<Image[]> {
  const folders = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  return Promise.all(folders.map(({ name }) => readImage(join(directory, name))));
}

/** Reads one image. */
export async function readImage(directory: string): Promise<Image> {
  const text = await readFile(join(directory, 'image.json'), 'utf8');
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.names === undefined || manifest.names.length === 0) {
    throw new Error(`${directory}/image.json names no image`);
  }
  return imageOf(manifest, join(directory, 'root'));
}

/** An image of a manifest and a folder of files. */
export async function imageOf(manifest: Manifest, root: string): Promise<Image> {
  const { names = [], entrypoint = [], cmd = [], env = {}, workingDir = '/' } = manifest;
  const files = await filesBelow(root);
  const hash = createHash('sha256').update(JSON.stringify(manifest));
  for (const path of files) hash.update(`\0${path}\0`).update(await readFile(join(root, path)));
  return { names, digest: `sha256:${hash.digest('hex')}`, root, files, entrypoint, cmd, env, workingDir };
}

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : Promise.reject(error),
  );
  const pathOf = (entry: Dirent) => join(entry.parentPath, entry.name).slice(root.length);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(pathOf)
    .sort();
}

// A name that a container runtime would take: no capitals in its path, no spaces.
const reference = /^[a-z0-9.:_-]+(\/[a-z0-9._-]+)*(:[\w.-]{1,128})?(@sha256:[0-9a-f]{64})?$/i;

/** Whether a runtime could read this name at all. */
export function isReference(name: string): boolean {
  return reference.test(name) && !/[A-Z]/.test(name.replace(/:[\w.-]+(@.*)?$/, ''));
}

/** Finds an image by its name or by its digest; a name without a tag means `latest`. */
export function findImage(images: readonly Image[], name: string): Image | undefined {
  const [plain = '', digest] = name.split('@');
  if (digest !== undefined) {
    return images.find(
      (image) => image.digest === digest && image.names.some((each) => untagged(each) === untagged(plain)),
    );
  }
  const tagged = plain === untagged(plain) ? `${plain}:latest` : plain;
  return images.find(({ names }) =>
    names.some((each) => (each === untagged(each) ? `${each}:latest` : each) === tagged),
  );
}

/** The name without its tag; a port of a registry is no tag. */
export function untagged(name: string): string {
  return name.replace(/:[^:/]*$/, '');
}
