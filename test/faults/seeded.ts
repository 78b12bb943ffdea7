/** Numbers in [0, 1), always the same ones for a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Some of them, or without `count` all, in their order. */
export function sampleOf<T>(all: readonly T[], count: number | undefined, seed: number): T[] {
  if (count === undefined || count >= all.length) return [...all];
  const random = seeded(seed);
  const left = all.map((_, index) => index);
  const chosen = Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
  return all.filter((_, index) => chosen.includes(index));
}
