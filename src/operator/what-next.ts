import { KubeError } from '../kube/errors.ts';
import { type ErrorCode, MusterError } from '../report/errors.ts';

/** What a person asked for that cannot be: asking again does not help. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'InvalidInput',
  'ConflictingInput',
  'NothingSelected',
  'NotFound',
  'Conflict',
  'RightsMissing',
  'KubeconfigUnusable',
  'DestinationFailed',
  'DestinationUnusable',
  'ArchiveBroken',
]);

/** False where trying again later changes nothing: the cluster refuses, the spec names nothing, the store is full. */
export function isWorthTrying(error: unknown): boolean {
  if (error instanceof KubeError) return error.next !== 'terminal';
  return !(error instanceof MusterError && REFUSALS.has(error.code));
}

/** One word for programs. */
export function reasonOf(error: unknown): string {
  if (error instanceof MusterError) return error.code;
  return error instanceof KubeError ? 'ClusterRefused' : 'Internal';
}
