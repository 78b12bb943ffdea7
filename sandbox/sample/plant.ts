import type { Api } from '../api.ts';
import { type Meta, type Resource, type Stored, timestampOf } from '../resource.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Says of every object that it is none of a real cluster. */
export const SAMPLE_LABEL = 'muster.dev/sample';

export type Draft = { readonly metadata: Meta; readonly status?: unknown; readonly [field: string]: unknown };

export type Plant = {
  /** Creates a labelled object so long ago, and gives it its status. Throws `Refusal`. */
  put(resource: Resource, draft: Draft, ageMs: number): Stored;
  /** The timestamp of so long ago. */
  ago(ageMs: number): string;
};

/** What the sample's objects go through on their way into the sandbox. */
export function createPlant({ store, objects }: Pick<Api, 'store' | 'objects'>, now: Date): Plant {
  const ago = (ageMs: number) => timestampOf(new Date(now.getTime() - ageMs));
  return {
    put(resource, draft, ageMs) {
      const labels = { ...draft.metadata.labels, [SAMPLE_LABEL]: 'true' };
      const { namespace } = draft.metadata;
      const target = { resource, namespace, name: '' };
      const created = objects.create(target, { ...draft, metadata: { ...draft.metadata, labels } });
      // The API gives nobody an object with a past, so this goes straight to the store.
      const status = draft.status === undefined ? {} : { status: draft.status };
      return store.put(resource, {
        ...created,
        ...status,
        metadata: { ...created.metadata, creationTimestamp: ago(ageMs) },
      });
    },
    ago,
  };
}
