import type { Api } from '../api.ts';
import { events } from '../kinds/event.ts';
import { namespaces } from '../kinds/namespace.ts';
import type { Stored } from '../resource.ts';

export type Say = (about: Stored, type: 'Normal' | 'Warning', reason: string, message: string) => void;

/** Writes events as a kubelet and a scheduler do: one that is said again counts up. */
export function eventRecorder(
  { store, objects }: Pick<Api, 'store' | 'objects'>,
  component: string,
  timestamp: () => string,
): Say {
  const said = new Map<string, { namespace: string; name: string }>();
  return (about, type, reason, message) => {
    const { namespace = 'default', name = '', uid } = about.metadata;
    const now = timestamp();
    const key = JSON.stringify([uid, reason, message]);
    const before = said.get(key);
    const known = before && store.get(events, before.namespace, before.name);
    if (known !== undefined) {
      const target = { resource: events, namespace, name: known.metadata.name ?? '' };
      objects.replace(target, { ...known, lastTimestamp: now, count: Number(known.count) + 1 });
      return;
    }
    if (!isOpen(store, namespace)) return;
    const involvedObject = { apiVersion: about.apiVersion, kind: about.kind, namespace, name, uid };
    const first = { firstTimestamp: now, lastTimestamp: now, count: 1 };
    const made = objects.create(
      { resource: events, namespace, name: '' },
      {
        metadata: { generateName: `${name}.` },
        involvedObject,
        type,
        reason,
        message,
        source: { component },
        ...first,
      },
    );
    said.set(key, { namespace, name: made.metadata.name ?? '' });
  };
}

/** A namespace that is going takes nothing new. */
function isOpen(store: Api['store'], namespace: string): boolean {
  const found = store.get(namespaces, undefined, namespace);
  return found !== undefined && found.metadata.deletionTimestamp === undefined;
}
