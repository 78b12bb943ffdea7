// The image as administrators build it: buildah and deploy/Containerfile (.ci/run makes the archive).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readImage } from '../../scripts/image-layers.ts';
import { root } from '../contract/command.ts';

const archive = process.env.MUSTER_TEST_IMAGE_ARCHIVE;

describe.skipIf(archive === undefined)('the image that buildah makes of deploy/Containerfile', () => {
  let place = '';
  let files = '';
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'muster-image-test-'));
    const container = buildah('from', '--quiet', `oci-archive:${archive}`);
    files = buildah('mount', container);
  });
  afterAll(() => {
    if (files !== '') buildah('umount', '--all');
    rmSync(place, { recursive: true, force: true });
  });

  function buildah(...args: string[]): string {
    const storage = ['--root', join(place, 'root'), '--runroot', join(place, 'run')];
    const env = { ...process.env, STORAGE_DRIVER: 'vfs' };
    return execFileSync('buildah', [...storage, ...args], { encoding: 'utf8', env }).trim();
  }

  /** Runs it as OpenShift would: a user that the image has never heard of, group 0, and nothing to write to. */
  function run(...command: string[]): string {
    const script = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && mount --rbind /proc "$0/proc" 2>/dev/null
      exec chroot --userspec=1000650000:0 "$0" "$@"`;
    return execFileSync('unshare', ['--mount', 'bash', '-c', script, files, ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
    });
  }

  test('says what it is, runs as nobody special, and starts muster', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const { config } = await readImage(archive ?? '');
    expect(config).toMatchObject({ User: '65532:65532', Entrypoint: ['/usr/bin/muster'], Cmd: ['--help'] });
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'Muster',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': version,
      version,
      'io.k8s.display-name': 'Muster',
    });
    expect(config.Labels?.['org.opencontainers.image.revision']).toMatch(/^[0-9a-f]{40}(-dirty)?$/);
  });

  test('server, packer and inspector run as any user on a root that cannot be written', () => {
    expect(() => run('/bin/bash', '-c', ': > /usr/lib/muster/x')).toThrow();
    expect(run('/usr/bin/muster', '--version')).toMatch(/^muster \d+\.\d+\.\d+\n$/);
    expect(run('/usr/bin/muster', 'serve', '--help')).toContain('--ingest-listen');
    expect(run('/usr/bin/muster', 'pack', '--help')).toContain('muster pack');
    expect(run('/usr/bin/gather', '--help')).toContain('--dest-dir');
  });

  test('carries the list of what it is made of, and the licences', () => {
    const document = JSON.parse(run('/bin/cat', '/usr/share/doc/muster/muster.spdx.json')) as { packages: unknown[] };
    expect(document.packages.length).toBeGreaterThan(50);
    expect(run('/bin/cat', '/usr/share/doc/muster/LICENSE')).toContain('Apache License');
    expect(run('/bin/cat', '/usr/share/doc/muster/third-party-licences.txt')).toContain('undici');
  });
});
