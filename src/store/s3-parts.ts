const mib = 1024 * 1024;

/** S3's limits (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). The last part may be smaller. */
export const leastPartBytes = 5 * mib;
export const mostParts = 10_000;
/** S3 copies at most 5 GiB at once; less keeps the server from being silent for long. */
const mostCopyBytes = 1024 * mib;

/**
 * How large part `number` (from 1) is when bytes are joined. Parts grow, so that 10,000 of them hold 224 GiB though
 * nobody says at first how much will come, and the memory for one stays small until there is much of it.
 */
export function joinedPartBytes(number: number): number {
  if (number <= 4000) return 8 * mib;
  return number <= 8000 ? 16 * mib : 64 * mib;
}

/** The least size of part `number` when a stretch is copied into it: what is smaller is read and joined. */
export function leastCopiedBytes(number: number): number {
  return number <= 4000 ? leastPartBytes : joinedPartBytes(number);
}

/** Cuts a stretch into those that S3 copies at once, all of about one size. */
export function copiedStretches(start: number, end: number): { start: number; end: number }[] {
  const count = Math.ceil((end - start) / mostCopyBytes);
  const each = Math.ceil((end - start) / count);
  const cut = (n: number) => Math.min(start + each * n, end);
  return Array.from({ length: count }, (_, n) => ({ start: cut(n), end: cut(n + 1) }));
}
