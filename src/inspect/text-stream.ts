import { cut } from '../kube/errors.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';

/** A log that stands still for so long is given up; `kube` bounds only the time to the first byte. */
const longestSilenceMs = 60_000;

/** Opens one path as bytes, with back-pressure and an end to any silence. Throws `KubeError` when it is refused. */
export async function openText(
  kube: Kube,
  path: string,
  query: readonly (readonly [string, string])[],
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const silence = new AbortController();
  const ends = AbortSignal.any([signal, silence.signal]);
  const { body } = await kube.stream(path, { query, headers: { accept: '*/*' }, signal: ends });
  return watched(body, path, silence);
}

async function* watched(
  body: AsyncIterable<Uint8Array>,
  path: string,
  silence: AbortController,
): AsyncIterable<Uint8Array> {
  const timer = setTimeout(() => silence.abort(new Error(`silent for ${longestSilenceMs / 1000} s`)), longestSilenceMs);
  try {
    for await (const chunk of body) {
      timer.refresh();
      yield chunk;
    }
  } catch (error) {
    throw cut(`get ${path}`, 'ConnectionCut', `cut off: ${messageOf(error)}`, error);
  } finally {
    clearTimeout(timer);
  }
}
