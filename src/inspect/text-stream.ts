import { cut } from '../kube/errors.ts';
import type { Kube } from '../kube/kube.ts';
import { realTimers, type Timers } from '../kube/timers.ts';
import { messageOf } from '../report/errors.ts';

/** A log that stands still for so long is given up; `kube` bounds only the time to the first byte. */
const longestSilenceMs = 60_000;

/**
 * Opens one path as bytes, with back-pressure and an end to any silence. Throws `KubeError` when it is refused, and
 * while it is read when it stands still: that is the fault of the node. A cut, as when the API server starts anew, says
 * nothing of the node and throws another error.
 */
export async function openText(
  kube: Kube,
  path: string,
  query: readonly (readonly [string, string])[],
  signal: AbortSignal,
  timers: Timers = realTimers,
): Promise<AsyncIterable<Uint8Array>> {
  const silence = new AbortController();
  const ends = AbortSignal.any([signal, silence.signal]);
  const { body } = await kube.stream(path, { query, headers: { accept: '*/*' }, signal: ends });
  return watched(body, `get ${path}`, silence, timers);
}

async function* watched(
  body: AsyncIterable<Uint8Array>,
  request: string,
  silence: AbortController,
  timers: Timers,
): AsyncIterable<Uint8Array> {
  const silent = cut(request, 'Silent', `cut off: silent for ${longestSilenceMs / 1000} s`);
  const guard = () => timers.after(longestSilenceMs, () => silence.abort(silent));
  let callOff = guard();
  try {
    for await (const chunk of body) {
      // Not guarded while the chunk is written: silence is the server's, not ours.
      callOff();
      yield chunk;
      callOff = guard();
    }
  } catch (error) {
    if (silence.signal.aborted) throw silent;
    throw new Error(`${request}: cut off: ${messageOf(error)}`, { cause: error });
  } finally {
    callOff();
  }
}
