import { openDirectoryStore } from './directory-store.ts';
import { type Environment, isS3Location, s3Settings } from './s3-settings.ts';
import type { Store } from './store.ts';

export type OpenStoreOptions = {
  /** Endpoint, region and credentials of S3: docs/store.md has the names. */
  readonly env: Environment;
  /** What was left unfinished and was last touched, in S3 begun, before then is removed (milliseconds since 1970). */
  readonly sweepBeforeMs: number;
  /** A directory keeps so much free: what would need it is refused with `DestinationFailed`. S3 has its own quotas. */
  readonly reserveBytes?: number | undefined;
  /** Of this process, as `DirectoryStoreOptions` has it. */
  readonly owner?: string | undefined;
  readonly nowMs: () => number;
  /** Told what does not keep the store from working. */
  readonly say: (line: string) => void;
};

/**
 * The store at `DIR` or `s3://BUCKET/PREFIX`, once it has answered. `InvalidInput` and `ConflictingInput` for settings
 * that cannot be, `DestinationFailed`, `DestinationUnusable` and `StoreUnavailable` for a place that does not work.
 */
export async function openStore(location: string, options: OpenStoreOptions): Promise<Store> {
  if (!isS3Location(location)) return await openDirectoryStore(location, options);
  const settings = s3Settings(location, options.env);
  // The S3 client takes 30 MB of memory, which a store in a directory does without.
  const { openS3Store } = await import('./open-s3-store.ts');
  return await openS3Store(settings, options);
}
