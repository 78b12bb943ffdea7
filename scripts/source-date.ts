import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * When the sources were written, to the second: SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/),
 * else the commit's own date. So the same commit makes the same bytes, whenever it is built.
 */
export function sourceDate(env: { readonly SOURCE_DATE_EPOCH?: string | undefined }): Date {
  const { SOURCE_DATE_EPOCH: given } = env;
  if (given !== undefined && !/^\d+$/.test(given)) throw new Error('SOURCE_DATE_EPOCH is no number of seconds');
  const seconds =
    given ??
    execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' });
  return new Date(Number(seconds) * 1000);
}
