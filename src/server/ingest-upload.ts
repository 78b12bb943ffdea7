import type { FastifyRequest } from 'fastify';
import { sha256Of } from '../gather/content-digest.ts';
import { MusterError, messageOf } from '../report/errors.ts';
import { invalidInput } from '../report/refusal.ts';
import type { Upload } from './ingest-part.ts';

/** A sender that is silent for so long in the middle of a body is gone, and must not hold up its next request. */
const SILENT_FOR_MS = 15_000;

/**
 * The body of a PUT, to be read once, as it comes in. Throws MusterError InvalidInput when its length or its digest is
 * not told, TooLarge above `mostBytes`; reading it throws Interrupted when it breaks off.
 * `onPiece` is called as pieces of it arrive.
 */
export function uploadOf(request: FastifyRequest, mostBytes: number, onPiece: () => void): Upload {
  const sizeBytes = Number(request.headers['content-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(sizeBytes)) throw invalidInput('Content-Length', 'it is needed');
  if (sizeBytes > mostBytes) throw new MusterError('TooLarge', `At most ${mostBytes} bytes are taken at once.`);
  const sha256 = sha256Of(request.headers['content-digest']?.toString());
  if (sha256 === undefined) throw invalidInput('Content-Digest', 'it is needed, with sha-256');
  return { bytes: bytesOf(request, onPiece), sizeBytes, sha256 };
}

async function* bytesOf({ raw }: FastifyRequest, onPiece: () => void): AsyncGenerator<Uint8Array> {
  const pieces = raw[Symbol.asyncIterator]();
  for (;;) {
    const silence = setTimeout(() => raw.destroy(new Error('nothing more came')), SILENT_FOR_MS);
    const next = await pieces
      .next()
      .catch((cause: unknown) => {
        throw new MusterError('Interrupted', `The upload broke off: ${messageOf(cause)}.`, { cause });
      })
      .finally(() => clearTimeout(silence));
    if (next.done) return;
    onPiece();
    yield next.value as Uint8Array;
  }
}
