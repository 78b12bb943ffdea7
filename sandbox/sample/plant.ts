import { randomUUID } from 'node:crypto';
import type { Api } from '../api.ts';
import { createObjects } from '../objects.ts';
import type { Meta, Resource, Stored } from '../resource.ts';

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
export function createPlant({ store }: Pick<Api, 'store'>, now: Date): Plant {
  const before = (ageMs: number) => new Date(now.getTime() - ageMs);
  return {
    put(resource, draft, ageMs) {
      // Their clock is in the past; otherwise they are created as any others are.
      const objects = createObjects(store, { now: () => before(ageMs), uuid: randomUUID });
      const metadata = { ...draft.metadata, labels: { ...draft.metadata.labels, [SAMPLE_LABEL]: 'true' } };
      const { namespace, name = '' } = metadata;
      const created = objects.create({ resource, namespace, name: '' }, { ...draft, metadata });
      if (draft.status === undefined || !resource.hasStatus) return created;
      const target = { resource, namespace, name, subresource: 'status' };
      return objects.replace(target, { ...created, status: draft.status });
    },
    ago: (ageMs) =>
      before(ageMs)
        .toISOString()
        .replace(/\.\d+Z$/, 'Z'),
  };
}
