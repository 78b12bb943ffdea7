import { applyPatch, type Operation } from 'rfc6902';
import { isRecord } from './resource.ts';
import { badRequest, Refusal } from './status.ts';

const unsafe = new Set(['__proto__', 'constructor', 'prototype']);

/** Names that would change more than the object that they are set on. */
export const isUnsafeKey = (key: string) => unsafe.has(key);

/** RFC 7386. Changes neither argument. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (isUnsafeKey(key)) continue;
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** RFC 6902. Changes neither argument; an operation that cannot be done is a 422, one that is none a 400. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch) || !patch.every(isOperation)) throw badRequest('a JSON patch is a list of operations');
  const patched: unknown = structuredClone(target);
  const failed = applyPatch(patched, patch).find((outcome) => outcome !== null);
  if (failed) throw new Refusal(422, 'Invalid', `the server rejected our request: ${failed.message || failed.name}`);
  return patched;
}

function isOperation(value: unknown): value is Operation {
  if (!isRecord(value) || typeof value.op !== 'string' || typeof value.path !== 'string') return false;
  // Operations on the whole document would replace what applyPatch cannot replace in place.
  return ['add', 'remove', 'replace', 'move', 'copy', 'test'].includes(value.op) && value.path !== '';
}
