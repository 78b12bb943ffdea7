/**
 * One line of the file `timestamp`, in the form in which Go prints a time with its monotonic clock, as oc writes it at
 * the start and at the end of each run: `2026-11-21 02:21:36.63 +0000 UTC m=+0.870000000`.
 */
export function timestampLine(at: Date, sinceStartMs: number): string {
  const [date = '', time = ''] = at.toISOString().replace('Z', '').split('T');
  return `${date} ${time.replace(/\.?0{1,3}$/, '')} +0000 UTC m=+${(sinceStartMs / 1000).toFixed(9)}\n`;
}
