import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

/** One layer of an image: as it travels (gzip), and unpacked, as a tar. */
export type Layer = { readonly digest: string; readonly compressedBytes: number; readonly unpackedBytes: number };

export type ImageFacts = {
  readonly layers: readonly Layer[];
  readonly config: {
    readonly User?: string;
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly Labels?: Readonly<Record<string, string>>;
  };
};

/** What an OCI archive (a tar of blobs, with an `index.json`) says of its one image. */
export async function readImage(archive: string): Promise<ImageFacts> {
  const json = new Map<string, Buffer>();
  const sizes = new Map<string, Omit<Layer, 'digest'>>();
  const entries = extract();
  const reading = pipeline(createReadStream(archive), entries);
  for await (const entry of entries) {
    const digest = entry.header.name.replace(/^(\.\/)?blobs\/([^/]+)\//, '$2:');
    const bytes = await buffer(entry);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b)
      sizes.set(digest, { compressedBytes: bytes.length, unpackedBytes: await unpackedSize(bytes) });
    else json.set(digest, bytes);
  }
  await reading;
  const parsed = <T>(name: string): T => JSON.parse((json.get(name) ?? Buffer.from('null')).toString('utf8')) as T;
  const [first] = parsed<{ manifests: { digest: string }[] }>('index.json').manifests;
  const manifest = parsed<{ config: { digest: string }; layers: { digest: string }[] }>(first?.digest ?? '');
  return {
    layers: manifest.layers.map(({ digest }) => {
      const size = sizes.get(digest);
      if (size === undefined) throw new Error(`${archive} has no layer ${digest}, or not as gzip`);
      return { digest, ...size };
    }),
    config: parsed<{ config: ImageFacts['config'] }>(manifest.config.digest).config,
  };
}

async function unpackedSize(compressed: Buffer): Promise<number> {
  let sizeBytes = 0;
  const unpacking = createGunzip();
  unpacking.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
  });
  unpacking.end(compressed);
  await new Promise((resolve, reject) => unpacking.on('end', resolve).on('error', reject));
  return sizeBytes;
}

/** Bytes of the layers that `image` has above `base`; throws where it does not stand on it. */
export function bytesAbove(image: ImageFacts, base: Pick<ImageFacts, 'layers'>): Omit<Layer, 'digest'> {
  // Whoever copies an image may compress it anew: it is the unpacked sizes that stay.
  const standsOn = base.layers.every(
    ({ unpackedBytes }, place) => image.layers[place]?.unpackedBytes === unpackedBytes,
  );
  if (!standsOn) throw new Error('the image does not stand on that base');
  const above = image.layers.slice(base.layers.length);
  const sum = (key: 'compressedBytes' | 'unpackedBytes') => above.reduce((total, layer) => total + layer[key], 0);
  return { compressedBytes: sum('compressedBytes'), unpackedBytes: sum('unpackedBytes') };
}
