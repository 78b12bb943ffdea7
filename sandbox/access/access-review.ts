import { fieldAt, isRecord, type Resource, type Stored } from '../resource.ts';
import { type Cause, invalid } from '../status.ts';
import type { Access, Attributes, Caller } from './access.ts';

/** What a review of access asks for; throws a 422 where that is nothing, or too much. */
export function askedFor(resource: Resource, review: Stored): Attributes {
  const asked = fieldAt(review, 'spec.resourceAttributes');
  const path = fieldAt(review, 'spec.nonResourceAttributes');
  if (isRecord(asked) === isRecord(path)) {
    throw refused(resource, 'spec.resourceAttributes', 'either resourceAttributes or nonResourceAttributes is needed');
  }
  const text = (key: string) => (isRecord(asked) && asked[key] ? String(asked[key]) : undefined);
  if (!isRecord(asked)) return { verb: String(fieldAt(path, 'verb')), path: String(fieldAt(path, 'path')) };
  return {
    verb: text('verb') ?? '',
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  };
}

/** Whom a review names; throws a 422 where it names nobody. */
export function askedWho(resource: Resource, { spec }: Stored): Caller {
  const { user, groups } = isRecord(spec) ? spec : {};
  const named = Array.isArray(groups) ? groups.map(String) : [];
  if (!user && named.length === 0) throw refused(resource, 'spec.user', 'a user or a group is needed');
  return { username: String(user ?? ''), groups: named };
}

/** The status of a review of access. */
export function verdict(access: Access, caller: Caller, attributes: Attributes): object {
  return { allowed: access.isAllowed(caller, attributes) };
}

function refused(resource: Resource, field: string, message: string) {
  const cause: Cause = { reason: 'FieldValueRequired', message, field };
  return invalid(resource, '', [cause]);
}
