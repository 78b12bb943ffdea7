import type { Say } from './entry.ts';
import type { PartWriter } from './part-writer.ts';

export type UnfoldOptions = { readonly prefix: string; readonly limitBytes: number; readonly say: Say };

/** When one tar (plain or gzip) is all that there is below `prefix`, its content takes its place. True when it did. */
export async function unfoldLoneTar(_writer: PartWriter, _options: UnfoldOptions): Promise<boolean> {
  throw new Error('not there yet');
}
