import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '../api.ts';
import { persistentVolumeClaims } from '../kinds/persistent-volume-claim.ts';
import { fieldAt, type Stored } from '../resource.ts';
import { Missing } from './environment.ts';

/** Binds every claim to a folder of its own, which goes with the claim. */
export function createClaims({ store, objects }: Pick<Api, 'store' | 'objects'>, parent: string) {
  const folderOf = (claim: Stored) => join(parent, claim.metadata.uid ?? '');
  return {
    /** Does what a change of the claims calls for. */
    sync(): void {
      for (const [, claim] of store.snapshot(persistentVolumeClaims)) {
        if (fieldAt(claim, 'status.phase') !== 'Pending') continue;
        mkdirSync(folderOf(claim), { recursive: true, mode: 0o777 });
        const { namespace, name = '' } = claim.metadata;
        const target = { resource: persistentVolumeClaims, namespace, name };
        const volumeName = `pvc-${claim.metadata.uid}`;
        const spec = { ...(fieldAt(claim, 'spec') as object | undefined), volumeName };
        const bound = objects.replace(target, { ...claim, spec });
        const capacity = fieldAt(claim, 'spec.resources.requests');
        const accessModes = fieldAt(claim, 'spec.accessModes');
        objects.replace(
          { ...target, subresource: 'status' },
          { ...bound, status: { phase: 'Bound', accessModes, capacity } },
        );
      }
    },
    removed: (claim: Stored) => rmSync(folderOf(claim), { recursive: true, force: true }),
    /** Where a claim's files are; throws `Missing` while there is no such claim or it is not bound. */
    folder(namespace: string, name: string): string {
      const claim = store.get(persistentVolumeClaims, namespace, name);
      if (claim === undefined) throw new Missing(`persistentvolumeclaim "${name}" not found`);
      if (fieldAt(claim, 'status.phase') !== 'Bound') throw new Missing(`persistentvolumeclaim "${name}" is not bound`);
      return folderOf(claim);
    },
  };
}
