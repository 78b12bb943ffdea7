// How an archive is fetched over HTTP (RFC 9110 §13 and §14), as far as it can be told without the bytes.

/** What `Range` asks for: bytes from `start` up to, not including, `end`. */
export type ByteRange = { readonly start: number; readonly end: number };

/** The headers of a request that say which bytes are wanted, and on what condition. */
export type DownloadConditions = {
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
};

/** What is known of the archive: size, entity tag with its quotes, and `Last-Modified` where there is one. */
export type Representation = {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: string | undefined;
};

export type DownloadAnswer =
  | { readonly status: 200; readonly range: ByteRange }
  | { readonly status: 206; readonly range: ByteRange }
  | { readonly status: 304 }
  | { readonly status: 412 }
  | { readonly status: 416 };

/** The answer to a GET, by the order of preconditions of RFC 9110 §13.2.2. Several ranges at once get the whole. */
export function answerDownload(conditions: DownloadConditions, known: Representation): DownloadAnswer {
  const { range, ifRange, ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined && !listsTag(ifMatch, known.etag, 'strong')) return { status: 412 };
  if (ifNoneMatch !== undefined && listsTag(ifNoneMatch, known.etag, 'weak')) return { status: 304 };
  const whole = { status: 200, range: { start: 0, end: known.sizeBytes } } as const;
  if (range === undefined) return whole;
  // A date counts only when it is the very one that was sent (§13.1.5).
  if (ifRange !== undefined && ifRange.trim() !== known.etag && ifRange.trim() !== known.lastModified) return whole;
  const wanted = parseRange(range, known.sizeBytes);
  if (wanted === 'whole') return whole;
  return wanted === undefined ? { status: 416 } : { status: 206, range: wanted };
}

/** One range of bytes; `whole` for what a server may leave unread (§14.2), undefined where nothing can be had of it. */
function parseRange(header: string, sizeBytes: number): ByteRange | 'whole' | undefined {
  const found = /^\s*bytes=\s*(\d*)-(\d*)\s*$/i.exec(header);
  const [, first = '', last = ''] = found ?? [];
  if (found === null || (first === '' && last === '')) return 'whole';
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 || sizeBytes === 0 ? undefined : { start: Math.max(0, sizeBytes - suffix), end: sizeBytes };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= sizeBytes) return undefined;
  return { start, end: last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
}

function listsTag(header: string, etag: string, how: 'strong' | 'weak'): boolean {
  if (header.trim() === '*') return true;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (how === 'weak' ? tag.replace(/^W\//, '') : tag) === etag);
}

/**
 * `Content-Disposition` by which `curl -OJ` and browsers name the file. curl reads `filename` only, so that one is always
 * there, in ASCII; a name in other letters stands whole in `filename*` (RFC 6266, RFC 8187).
 */
export function contentDisposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\/%]/gu, '_');
  const plain = `attachment; filename="${ascii}"`;
  if (ascii === name) return plain;
  const encoded = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `${plain}; filename*=UTF-8''${encoded}`;
}
