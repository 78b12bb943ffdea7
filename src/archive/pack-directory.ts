import { DatabaseSync } from 'node:sqlite';
import { createFoundPacker } from './pack-found.ts';
import type { Packed, PackOptions } from './pack-tar.ts';
import type { PartWriter } from './part-writer.ts';
import { quoteName } from './safe-path.ts';
import { walkTree } from './tree-walk.ts';

/**
 * Packs a folder as it is on disk; what cannot be packed is left out with a line. Sizes are those at the opening of a
 * file.
 */
export async function packDirectory(root: string, writer: PartWriter, options: PackOptions): Promise<Packed> {
  const { prefix, say, signal, onDone } = options;
  const packed = { entries: 0, leftOut: 0, contentBytes: 0 };
  // SQLite's nameless database: on disk once it outgrows its cache, and gone when it is closed.
  const database = new DatabaseSync('');
  try {
    const packer = createFoundPacker(writer, database);
    await walkTree(root, {
      prefix,
      say,
      signal,
      leftOut(name, reason) {
        packed.leftOut += 1;
        say(`left out ${quoteName(name)}: ${reason}`);
      },
      async visit(found) {
        const { entry, leftOut } = await packer.pack(found);
        if (entry !== undefined) {
          packed.entries += 1;
          packed.contentBytes += entry.sizeBytes;
          onDone?.(entry.path.slice(prefix === '' ? 0 : prefix.length + 1));
        } else if (leftOut === undefined) packed.leftOut += 1;
        return leftOut;
      },
    });
    return packed;
  } finally {
    database.close();
  }
}
