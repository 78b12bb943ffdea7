import { MusterError } from '../report/errors.ts';

export type SpaceRules = {
  /** The store's, for the message. */
  readonly place: string;
  readonly freeBytes: () => Promise<number>;
  /** What stays free for the others that write there. */
  readonly reserveBytes: number;
  /** How many bytes will come, where that is known. */
  readonly expectedBytes?: number | undefined;
};

/** So often while it is written the store is asked for its room: each writer may pass the reserve by so much. */
export const checkEveryBytes = 16 * 1024 * 1024;

/**
 * The same bytes, as long as the store keeps its reserve: before the first of them, and every 16 MiB, it is asked what
 * it has left. `DestinationFailed` tells place and numbers when the reserve would be touched; writers of less go on.
 */
export async function* watchSpace(bytes: AsyncIterable<Uint8Array>, rules: SpaceRules): AsyncGenerator<Uint8Array> {
  const { expectedBytes = 0 } = rules;
  let written = 0;
  let checkAt = 0;
  if (expectedBytes > 0) {
    await refuseWithout(expectedBytes, rules);
    checkAt = checkEveryBytes;
  }
  for await (const chunk of bytes) {
    if (written + chunk.length > checkAt) {
      await refuseWithout(Math.max(chunk.length, expectedBytes - written), rules);
      checkAt = written + checkEveryBytes;
    }
    written += chunk.length;
    yield chunk;
  }
}

async function refuseWithout(neededBytes: number, { place, freeBytes, reserveBytes }: SpaceRules): Promise<void> {
  const free = await freeBytes();
  if (free - neededBytes >= reserveBytes) return;
  const numbers = `${free} bytes are free, ${neededBytes} more are to be written, ${reserveBytes} are kept in reserve`;
  throw new MusterError('DestinationFailed', `no room in the store ${place}: ${numbers}`);
}
