import type { Entry } from './entry.ts';

export const blockBytes = 512;
/** Two empty blocks end a tar. */
export const trailerBytes = 2 * blockBytes;
const maxOctalSize = 0o77777777777;

const typeFlags = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;

/** Bytes that follow content to the next block. */
export function paddingBytes(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

/**
 * The header of an entry: ustar, and before it a pax header for what ustar cannot say (names over 100 bytes or not
 * ASCII, 8 GiB and more). Owner is 0/0 and time is whole seconds, so the same tree packs to the same bytes.
 */
export function tarHeader(entry: Entry): Buffer {
  const name = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const link = entry.linkTarget ?? '';
  const records: string[] = [];
  if (!fits(name)) records.push(paxRecord('path', name));
  if (!fits(link)) records.push(paxRecord('linkpath', link));
  if (entry.sizeBytes > maxOctalSize) records.push(paxRecord('size', String(entry.sizeBytes)));
  const header = ustar(asciiCut(name), asciiCut(link), typeFlags[entry.type], entry.sizeBytes, entry);
  if (records.length === 0) return header;
  const pax = Buffer.from(records.join(''));
  const paxHeader = ustar(asciiCut(`PaxHeaders/${name}`), '', 'x', pax.length, entry);
  return Buffer.concat([paxHeader, pax, Buffer.alloc(paddingBytes(pax.length)), header]);
}

function fits(name: string): boolean {
  // A trailing slash of its own would make a file a folder: such names are not clean and do not come here.
  return name.length <= 100 && isAscii(name);
}

function isAscii(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 126 || name.charCodeAt(i) < 32) return false;
  return true;
}

/** What stands in the ustar field when pax says the name: a hint for people, no more. */
function asciiCut(name: string): string {
  return fits(name) ? name : name.replace(/[^ -~]/g, '_').slice(0, 100);
}

function ustar(name: string, link: string, flag: string, sizeBytes: number, entry: Entry): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, 100, 'latin1');
  block.write(octal(entry.mode & 0o7777, 7), 100, 'latin1');
  block.write(octal(0, 7), 108, 'latin1');
  block.write(octal(0, 7), 116, 'latin1');
  block.write(octal(Math.min(sizeBytes, maxOctalSize), 11), 124, 'latin1');
  block.write(octal(seconds(entry.mtimeMs), 11), 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(flag, 156, 'latin1');
  block.write(link, 157, 100, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** Times before 1970, after 2242 or of no sense become the nearest that ustar can say. */
function seconds(mtimeMs: number): number {
  return Number.isFinite(mtimeMs) ? Math.min(Math.max(Math.floor(mtimeMs / 1000), 0), maxOctalSize) : 0;
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
