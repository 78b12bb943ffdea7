const BASE = 'must-gather';
const SUFFIX = '.tar.gz';
/** A file name may have 255 bytes on every file system that people download to. */
const LONGEST_BYTES = 200;

/**
 * What the archive of a report is called when it is fetched: as the old server named it, `must-gather-CUSTOM-NAME.tar.gz`
 * (reference §A.6), which took any text for a part of a path. Here letters and digits of every script, `.`, `_`, `:` and
 * `-` stay; everything else becomes a `-`.
 */
export function archiveName(customName: string | undefined): string {
  const clean = (customName ?? '')
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}._:-]+/gu, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-.]+|[-.]+$/g, '');
  const short = cut(clean, LONGEST_BYTES);
  return short === '' ? `${BASE}${SUFFIX}` : `${BASE}-${short}${SUFFIX}`;
}

/** At most so many bytes of UTF-8, and no half character. */
function cut(text: string, mostBytes: number): string {
  const characters = [...text];
  const encoder = new TextEncoder();
  let sizeBytes = 0;
  const end = characters.findIndex((character) => {
    sizeBytes += encoder.encode(character).length;
    return sizeBytes > mostBytes;
  });
  return (end === -1 ? characters : characters.slice(0, end)).join('');
}
