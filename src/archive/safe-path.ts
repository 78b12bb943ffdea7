/** Longest path that a Linux program can name: PATH_MAX (4096) without its NUL. */
export const maxPathBytes = 4095;
/** Longest name of one file or folder: NAME_MAX. */
const maxSegmentBytes = 255;

export type SafePath =
  | { readonly path: string /** The name was not UTF-8: what it was, quoted. */; readonly renamedFrom?: string }
  | { readonly refused: string };

/**
 * Turns a name out of a tar or a folder into a clean relative path (`/`-separated, no empty, `.` or `..` segment), or
 * says why it cannot be one. Bytes that are no UTF-8 become `%XX`, so that every reader of JSON can say the name.
 */
export function safePath(name: string | Uint8Array): SafePath {
  const { text, changed } = typeof name === 'string' ? textOf(Buffer.from(name.toWellFormed())) : textOf(name);
  if (text === '') return { refused: 'empty name' };
  if (text.includes('\0')) return { refused: 'NUL in the name' };
  if (text.startsWith('/')) return { refused: 'absolute name' };
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0) return { refused: 'name of no file' };
  if (segments.includes('..')) return { refused: '".." in the name' };
  if (segments.some((segment) => Buffer.byteLength(segment) > maxSegmentBytes)) {
    return { refused: `a segment of the name is longer than ${maxSegmentBytes} bytes` };
  }
  const path = segments.join('/');
  if (Buffer.byteLength(path) > maxPathBytes) return { refused: `path longer than ${maxPathBytes} bytes` };
  return changed ? { path, renamedFrom: quoteName(name) } : { path };
}

/** Whether a name means the folder itself that is packed, as `./` does. */
export function isRootName(name: string): boolean {
  return /^\.(\/+\.?)*$/.test(name);
}

/**
 * Why a symlink at `path` may not be kept, or undefined when it stays below `folder` however it is followed. `..` is
 * taken only at the target's start: behind a name it would climb from wherever another link leads (`link/../..`).
 */
export function symlinkRefusal(path: string, target: string, folder: string): string | undefined {
  if (target === '') return 'empty target';
  if (target.includes('\0')) return 'NUL in the target';
  if (target.startsWith('/')) return 'its target is absolute';
  if (Buffer.byteLength(target) > maxPathBytes) return `target longer than ${maxPathBytes} bytes`;
  const segments = target.split('/').filter((segment) => segment !== '' && segment !== '.');
  const named = segments.findIndex((segment) => segment !== '..');
  const climbs = named === -1 ? segments.length : named;
  if (segments.lastIndexOf('..') >= climbs) return 'its target climbs after a name';
  const depth = path.split('/').length - 1 - (folder === '' ? 0 : folder.split('/').length);
  return climbs > depth ? 'its target is outside of what was gathered' : undefined;
}

/** By UTF-8 bytes, as SQLite orders; JavaScript's own order differs above U+FFFF. */
export function comparePaths(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** A name as it may stand in a log: one line, quoted, control and direction characters as escapes. */
export function quoteName(name: string | Uint8Array): string {
  const text = typeof name === 'string' ? name : textOf(name).text;
  const cut = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): { text: string; changed: boolean } {
  try {
    return { text: utf8.decode(bytes), changed: false };
  } catch {
    return { text: withBadBytesNamed(bytes), changed: true };
  }
}

function withBadBytesNamed(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) text += `%${(bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
    else text += utf8.decode(bytes.subarray(at, at + length));
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the valid UTF-8 character at `at`, or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      utf8.decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      // Not yet a whole character: try with one byte more.
    }
  }
  return 0;
}
