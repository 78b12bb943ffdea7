import type { Api, Call } from './api.ts';
import { applyObject } from './apply.ts';
import { listRulesOf } from './list-merging.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { isRecord, type Stored } from './resource.ts';
import { badRequest, unsupported } from './status.ts';
import { strategicMerge } from './strategic-merge.ts';

/** Carries out a PATCH; `isNew` when there was nothing to change and the patch made it. */
export function patchObject(api: Api, call: Call): { object: Stored; isNew: boolean } {
  const type = call.contentType.split(';')[0]?.trim() ?? '';
  if (type === 'application/apply-patch+yaml') return applyObject(api, call);
  const { objects } = api;
  return { object: objects.replace(call.target, patched(objects.get(call.target), type, call)), isNew: false };
}

function patched(current: Stored, type: string, { target, body: patch }: Call): unknown {
  if (type === 'application/merge-patch+json') {
    if (!isRecord(patch)) throw badRequest('a merge patch is an object');
    return mergePatch(current, patch);
  }
  if (type === 'application/json-patch+json') return jsonPatch(current, patch);
  const { resource } = target;
  // The API server does not know the merge keys of custom resources, and kubectl falls back at this word.
  if (type !== 'application/strategic-merge-patch+json' || resource.isCustom) {
    throw unsupported(`the body of the request was in an unknown format: ${type}`);
  }
  if (!isRecord(patch)) throw badRequest('a strategic merge patch is an object');
  return strategicMerge(current, patch, listRulesOf(resource));
}
