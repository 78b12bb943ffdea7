/** One thing in an archive. Paths are relative, `/`-separated, clean (`safePath`), and unique within an archive. */
export type Entry = {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink';
  /** Bytes of content; 0 for all but files. */
  readonly sizeBytes: number;
  /** Permission bits, such as 0o644. */
  readonly mode: number;
  readonly mtimeMs: number;
  /** What a link points to: as written for a symlink, a path of this archive for a hard link. */
  readonly linkTarget?: string | undefined;
};

/** Where something is said that belongs into the report's own log, such as an entry that was left out and why. */
export type Say = (line: string) => void;

/** Bytes of a file: at hand, or as they come (a Readable is one). */
export type Content = Uint8Array | AsyncIterable<Uint8Array | string>;
