import type { Piece } from './store.ts';

type Stretch = Exclude<Piece, { readonly bytes: Uint8Array }>;

/** The same pieces, but stretches that follow one another in the same object are one: what is long S3 can copy. */
export async function* mergePieces(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let held: Stretch | undefined;
  for await (const piece of pieces) {
    const joined: Stretch | undefined = held && !('bytes' in piece) ? join(held, piece) : undefined;
    if (held && !joined) yield held;
    held = undefined;
    if ('bytes' in piece) yield piece;
    else held = joined ?? piece;
  }
  if (held) yield held;
}

function join(one: Stretch, next: Stretch): Stretch | undefined {
  const from = one.range;
  const to = next.range;
  if (one.key !== next.key || from?.end === undefined || from.end !== to?.start || from.start > from.end) {
    return undefined;
  }
  return { key: one.key, range: { start: from.start, ...(to.end === undefined ? {} : { end: to.end }) } };
}
