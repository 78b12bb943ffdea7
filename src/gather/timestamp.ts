/**
 * One line of the file `timestamp`, in the form in which Go prints a time with its monotonic clock, as oc writes it:
 * `2026-11-21 02:21:36.63 +0000 UTC m=+0.870000000`.
 */
export function timestampLine(at: Date, sinceStartMs: number): string {
  const [date = '', time = ''] = at.toISOString().replace('Z', '').split('T');
  const seconds = time.replace(/\.?0+$/, '');
  return `${date} ${seconds.length < 8 ? time.slice(0, 8) : seconds} +0000 UTC m=+${(sinceStartMs / 1000).toFixed(9)}\n`;
}
