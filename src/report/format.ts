/** Sizes and durations as pages and terminal show them (decimal units: 1 MB is 10^6 bytes). */

/** `812 B`, `4 kB`, `41 MB`, `1.2 GB`: whole numbers up to MB, one decimal above. */
export function formatSize(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${sizeBytes} B`;
  if (sizeBytes < 999_500) return `${Math.round(sizeBytes / 1000)} kB`;
  if (sizeBytes < 999_500_000) return `${Math.round(sizeBytes / 1_000_000)} MB`;
  if (sizeBytes < 999_950_000_000) return `${(sizeBytes / 1_000_000_000).toFixed(1)} GB`;
  return `${(sizeBytes / 1_000_000_000_000).toFixed(1)} TB`;
}

/** `48s`, `1m 02s`, `2h 05m`: whole seconds, rounded down, as a clock shows them. */
export function formatElapsed(elapsedMs: number): string {
  const seconds = Math.max(0, Math.floor(elapsedMs / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor((seconds % 3600) / 60))}m`;
}
