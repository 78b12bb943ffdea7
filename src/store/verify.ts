import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { MusterError } from '../report/errors.ts';
import type { Digest, Store } from './store.ts';

/** How a stored object stands to what it should be: `is` says what was read instead. */
export type Verdict =
  | { readonly state: 'same' }
  | { readonly state: 'different'; readonly is: Digest }
  | { readonly state: 'missing' };

/** Reads an object from end to end and compares. Rejects only when it cannot be read, and with the signal's reason. */
export async function verify(store: Store, key: string, should: Digest, signal?: AbortSignal): Promise<Verdict> {
  const object = await store.read(key).catch((error: unknown) => {
    if (error instanceof MusterError && error.code === 'NotFound') return undefined;
    throw error;
  });
  if (!object) return { state: 'missing' };
  const is = { sizeBytes: 0, hash: createHash('sha256') };
  const count = async (bytes: AsyncIterable<Uint8Array>) => {
    for await (const chunk of bytes) {
      is.sizeBytes += chunk.length;
      is.hash.update(chunk);
    }
  };
  await pipeline(object, count, signal ? { signal } : {}).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
  const found = { sizeBytes: is.sizeBytes, sha256: is.hash.digest('hex') };
  const isSame = found.sizeBytes === should.sizeBytes && found.sha256 === should.sha256;
  return isSame ? { state: 'same' } : { state: 'different', is: found };
}
