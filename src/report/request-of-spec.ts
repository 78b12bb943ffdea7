import { restKeys } from './flags.ts';
import { type Spec, specDefaults, specSchema } from './spec.ts';

/** The body of POST /must-gather that asks for a report: the keys of what differs from the defaults. */
export function requestOfSpec(spec: Spec): Record<string, unknown> {
  const fields = Object.keys(specSchema.properties) as (keyof Spec)[];
  return Object.fromEntries(
    fields.flatMap((field) => {
      const key = restKeys[field];
      const value = spec[field];
      if (key === undefined || value === undefined) return [];
      return JSON.stringify(value) === JSON.stringify(specDefaults[field]) ? [] : [[key, value]];
    }),
  );
}
