import { oneOf, wholeNumber } from './rest-list.ts';

// The queries of what lies below a report: the files of its archive, and its logs.

/** One of the list that GET /must-gather/KEY/files/PATH answers with for a folder. */
export type RestFolderEntry = {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink';
  readonly sizeBytes: number;
  /** RFC 3339; null of a folder that only the paths in it tell of. */
  readonly mtime: string | null;
  readonly linkTarget?: string;
};

/** What of a folder was asked for. */
export type FolderQuery = {
  readonly limit: number;
  /** Where the page before ended. */
  readonly after: string | undefined;
};

const LONGEST_FOLDER_PAGE = 1000;

/** Reads the query of GET /must-gather/KEY/files/PATH. Throws MusterError InvalidInput by the key. */
export function parseFolderQuery(query: URLSearchParams): FolderQuery {
  return {
    limit: wholeNumber(query, 'limit', LONGEST_FOLDER_PAGE) ?? LONGEST_FOLDER_PAGE,
    after: query.get('continue') || undefined,
  };
}

/** The `Link` header to the next page of a folder, where there is one. */
export function folderLink(url: string, { limit }: FolderQuery, next: string | undefined): string | undefined {
  if (next === undefined) return undefined;
  const path = url.replace(/\?.*$/s, '');
  return `<${path}?${new URLSearchParams({ limit: String(limit), continue: next })}>; rel="next"`;
}

/** Whose log was asked for, and whether until its end. */
export type LogQuery = { readonly gather: string | undefined; readonly follow: boolean };

/** Reads the query of GET /must-gather/KEY/logs. Throws MusterError InvalidInput by the key. */
export function parseLogQuery(query: URLSearchParams): LogQuery {
  return { gather: query.get('gather') || undefined, follow: oneOf(query, 'follow', ['false', 'true']) === 'true' };
}
