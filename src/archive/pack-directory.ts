import type { Packed, PackTarOptions } from './pack-tar.ts';
import type { PartWriter } from './part-writer.ts';

/** Packs a folder as it is on disk. What cannot be packed is left out with a line. */
export async function packDirectory(_root: string, _writer: PartWriter, _options: PackTarOptions): Promise<Packed> {
  throw new Error('not there yet');
}
