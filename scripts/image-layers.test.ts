import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesAbove, readImage } from './image-layers.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-layers-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** An OCI archive whose layers unpack to these many bytes. */
async function archive(name: string, sizes: readonly number[]): Promise<string> {
  const file = join(folder, name);
  const tar = pack();
  const writing = pipeline(tar, createWriteStream(file));
  const layers = sizes.map((size, place) => ({
    digest: `sha256:${place}-${size}`,
    bytes: gzipSync(Buffer.alloc(size, place)),
  }));
  for (const { digest, bytes } of layers) tar.entry({ name: `blobs/${digest.replace(':', '/')}` }, bytes);
  const json = (path: string, value: unknown) => tar.entry({ name: path }, JSON.stringify(value));
  json('blobs/sha256/config', { config: { User: '65532:65532' } });
  json('blobs/sha256/manifest', {
    config: { digest: 'sha256:config' },
    layers: layers.map(({ digest }) => ({ digest })),
  });
  json('index.json', { manifests: [{ digest: 'sha256:manifest' }] });
  tar.finalize();
  await writing;
  return file;
}

test('tells the bytes of the layers that are not of the base, as they travel and unpacked', async () => {
  const base = await readImage(await archive('base.tar', [70_000, 20_000]));
  const image = await readImage(await archive('image.tar', [70_000, 20_000, 5_000, 300]));
  expect(image.config.User).toBe('65532:65532');
  expect(bytesAbove(image, base)).toEqual({
    unpackedBytes: 5_300,
    compressedBytes: gzipSync(Buffer.alloc(5_000, 2)).length + gzipSync(Buffer.alloc(300, 3)).length,
  });
});

test('refuses to compare with a base that the image does not stand on', async () => {
  const base = await readImage(await archive('other.tar', [70_001]));
  const image = await readImage(await archive('image.tar', [70_000, 5_000]));
  expect(() => bytesAbove(image, base)).toThrow('does not stand on that base');
});
