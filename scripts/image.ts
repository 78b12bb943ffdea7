// Builds deploy/Containerfile with buildah out of what `npm run bundle` made, as an OCI archive, and says how much of it is
// Muster: `node scripts/image.ts NAME --base ARCHIVE --output FILE`. Fails above 25 MB. ARCHIVE is an OCI archive of a base.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bytesAbove, readImage } from './image-layers.ts';
import { sourceDate } from './source-date.ts';

/** What Muster may add to its base. */
const FLOOR_BYTES = 25_000_000;
const root = join(import.meta.dirname, '..');

/** Builds and exports; everything in between is in a folder of its own, which is removed. */
function build(name: string, base: string, output: string): void {
  const place = mkdtempSync(join(tmpdir(), 'muster-buildah-'));
  const buildah = (...args: string[]) =>
    execFileSync('buildah', ['--root', join(place, 'root'), '--runroot', join(place, 'run'), ...args], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'vfs', ...process.env },
    });
  try {
    // The same sources make the same bytes: files and image are as old as the sources are.
    const seconds = String(sourceDate(process.env).getTime() / 1000);
    const args = [`BASE=oci-archive:${base}`, `REVISION=${revision()}`].flatMap((arg) => ['--build-arg', arg]);
    buildah('bud', '--quiet', '--timestamp', seconds, '-f', 'deploy/Containerfile', ...args, '-t', name, '.');
    rmSync(output, { force: true });
    buildah('push', '--quiet', name, `oci-archive:${output}:${name}`);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** The commit; marked where the working tree is something else. */
function revision(): string {
  return execFileSync('git', ['describe', '--always', '--abbrev=40', '--dirty', '--exclude=*'], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { base: { type: 'string' }, output: { type: 'string' } },
});
const [name] = positionals;
if (name === undefined || values.base === undefined || values.output === undefined)
  throw new Error('node scripts/image.ts NAME --base ARCHIVE --output FILE');
build(name, resolve(values.base), resolve(values.output));
const { compressedBytes, unpackedBytes } = bytesAbove(await readImage(values.output), await readImage(values.base));
const MB = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
console.log(
  `${name}: ${MB(unpackedBytes)} above its base, ${MB(compressedBytes)} compressed; at most ${MB(FLOOR_BYTES)}`,
);
if (unpackedBytes > FLOOR_BYTES) process.exitCode = 1;
