/**
 * Facts about the files of a running gather, as `find -printf` of GNU findutils prints them. Two listings tell which
 * files have settled; the last one, after the gather's end, tells which copies still hold.
 */

/** Type, size, mtime, ctime, inode: any change of a file changes one of them. Then the path, which may hold anything but NUL. */
export const FIND_FORMAT = '%y %s %T@ %C@ %i %P\\0';

export type FileFacts = {
  /** Below the source folder, without a leading `./`. */
  readonly path: string;
  /** As find spells it: `f` file, `d` directory, `l` symlink, `s` socket … */
  readonly type: string;
  readonly sizeBytes: number;
  /** Everything that changes when the file does, as one text to compare. */
  readonly stamp: string;
};

const FIELDS = /^(\w) (\d+) (\S+) (\S+) (\d+) ([\s\S]+)$/;

/** Reads listings as they stream in, record by record; a record that makes no sense is an error, never skipped. */
export async function* parseListing(chunks: AsyncIterable<Buffer>): AsyncIterable<FileFacts> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = buffer.indexOf(0); end !== -1; end = buffer.indexOf(0)) {
      yield parseRecord(buffer.subarray(0, end));
      buffer = buffer.subarray(end + 1);
    }
    rest = buffer;
  }
  if (rest.length > 0) throw new Error(`the listing of the gather's files was cut short after ${rest.length} bytes`);
}

function parseRecord(record: Buffer): FileFacts {
  const fields = FIELDS.exec(record.toString());
  const [, type = '', size = '', mtime = '', ctime = '', inode = '', path = ''] = fields ?? [];
  if (fields === null)
    throw new Error(`find printed a record that makes no sense: ${JSON.stringify(record.toString())}`);
  return { path, type, sizeBytes: Number(size), stamp: `${type} ${size} ${mtime} ${ctime} ${inode}` };
}
