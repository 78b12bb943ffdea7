import { once } from 'node:events';
import type { ScreenStream } from './screen.ts';

/** Writes with back-pressure; rejects with EPIPE when the reader (`| head`) has gone, which ends a command in order. */
export async function writeText(stream: ScreenStream, text: string, signal?: AbortSignal): Promise<void> {
  if (stream.writable && stream.write(text)) return;
  if (!stream.writable) throw Object.assign(new Error('the reader has gone'), { code: 'EPIPE' });
  await once(stream, 'drain', signal === undefined ? {} : { signal });
}
