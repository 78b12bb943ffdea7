import { watchSpace } from '../../src/store/space-guard.ts';
import type { Piece, Store } from '../../src/store/store.ts';

/** For tests: a store on a disk of a size that changes. */
export type TightStore = Store & {
  /** From now on so many bytes more find room; those that are removed make room. */
  setRoom(bytes: number, reserveBytes?: number): void;
  /** Bytes on it now, those on their way as well, and at most since the last call of `setRoom`. */
  use(): { readonly nowBytes: number; readonly mostBytes: number };
};

/** A directory's store, as it is on a disk that is full: what does not fit fails with ENOSPC, or at the reserve's guard. */
export function createTightStore(store: Store, place: string): TightStore {
  const sizes = new Map<string, number>();
  let growing = 0;
  let capacityBytes = Number.POSITIVE_INFINITY;
  let reserveBytes = 0;
  let mostBytes = 0;
  const used = () => sizes.values().reduce((sum, size) => sum + size, growing);
  const freeBytes = async () => Math.min(2 ** 40, Math.max(0, capacityBytes - used()));

  async function* counted(bytes: AsyncIterable<Uint8Array>, count: (size: number) => void): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      if (used() + chunk.length > capacityBytes) {
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
      }
      count(chunk.length);
      mostBytes = Math.max(mostBytes, used());
      yield chunk;
    }
  }
  const put: Store['put'] = async (key, bytes, options = {}) => {
    let own = 0;
    const count = (size: number) => {
      own += size;
      growing += size;
    };
    const rules = { place, freeBytes, reserveBytes, expectedBytes: options.expected?.sizeBytes };
    try {
      const digest = await store.put(key, counted(watchSpace(bytes, rules), count), options);
      sizes.set(key, digest.sizeBytes);
      return digest;
    } finally {
      growing -= own;
    }
  };
  async function* bytesOf(pieces: AsyncIterable<Piece> | Iterable<Piece>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      if ('bytes' in piece) yield piece.bytes;
      else yield* await store.read(piece.key, piece.range);
    }
  }
  return {
    ...store,
    put,
    compose: (key, pieces, options) => put(key, bytesOf(pieces), options),
    remove: async (key) => {
      await store.remove(key);
      sizes.delete(key);
    },
    removeFolder: async (folder) => {
      await store.removeFolder(folder);
      for (const key of [...sizes.keys()]) if (key.startsWith(`${folder}/`)) sizes.delete(key);
    },
    freeBytes,
    setRoom: (bytes, reserve = 0) => {
      capacityBytes = used() + bytes;
      reserveBytes = reserve;
      mostBytes = used();
    },
    use: () => ({ nowBytes: used(), mostBytes }),
  };
}
