import type { Api, Call } from './api.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { isRecord, type Stored } from './resource.ts';
import { badRequest, unsupported } from './status.ts';

/** Carries out a PATCH; `isNew` when there was nothing to change and the patch made it. */
export function patchObject({ objects }: Api, call: Call): { object: Stored; isNew: boolean } {
  const { target, contentType, body } = call;
  return { object: objects.replace(target, patched(objects.get(target), contentType, body)), isNew: false };
}

function patched(current: Stored, contentType: string, patch: unknown): unknown {
  const type = contentType.split(';')[0]?.trim();
  if (type === 'application/merge-patch+json') {
    if (!isRecord(patch)) throw badRequest('a merge patch is an object');
    return mergePatch(current, patch);
  }
  if (type === 'application/json-patch+json') return jsonPatch(current, patch);
  throw unsupported(`the sandbox takes JSON and merge patches only, not ${type}`);
}
