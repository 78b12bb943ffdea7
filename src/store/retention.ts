/** What retention needs to know of a stored archive. */
export type Kept = {
  readonly key: string;
  readonly sizeBytes: number;
  readonly storedAtMs: number;
  /** Its report still runs, or somebody reads it. */
  readonly inUse: boolean;
};

/** Limits on what is kept; an absent one does not limit. */
export type RetentionLimits = {
  readonly maxAgeMs?: number;
  readonly maxCount?: number;
  readonly maxBytes?: number;
};

/**
 * The keys to remove so that the limits hold: first what is too old, then the oldest until count and bytes fit. What is
 * in use counts towards the limits and is never picked, so they may stay exceeded.
 */
export function pickExpired(stored: readonly Kept[], limits: RetentionLimits, nowMs: number): string[] {
  const { maxAgeMs = Number.POSITIVE_INFINITY } = limits;
  const { maxCount = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = limits;
  let count = stored.length;
  let bytes = stored.reduce((sum, archive) => sum + archive.sizeBytes, 0);
  const picked: string[] = [];
  const oldestFirst = stored.filter((archive) => !archive.inUse).sort((a, b) => a.storedAtMs - b.storedAtMs);
  for (const archive of oldestFirst) {
    if (nowMs - archive.storedAtMs <= maxAgeMs && count <= maxCount && bytes <= maxBytes) break;
    picked.push(archive.key);
    count -= 1;
    bytes -= archive.sizeBytes;
  }
  return picked;
}
