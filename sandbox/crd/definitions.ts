import { isDeepStrictEqual } from 'node:util';
import { customResourceDefinitions } from '../kinds/custom-resource-definition.ts';
import type { Objects } from '../objects.ts';
import { type Resource, type Stored, timestampOf } from '../resource.ts';
import type { Store } from '../store.ts';
import { customResource } from './custom-resource.ts';
import { cleanupFinalizer, conditionsOf, isEstablished, type Names, specOf } from './definition.ts';

type World = {
  readonly store: Store;
  readonly objects: Objects;
  readonly now: () => Date;
  /** Kinds that are there whatever is defined. */
  readonly builtIn: readonly Resource[];
};

export type Definitions = { readonly kinds: () => readonly Resource[]; readonly stop: () => void };

/**
 * Serves what CustomResourceDefinitions define: tells in their conditions whether it does, and removes the objects of
 * those that go, before they go.
 */
export function followDefinitions(world: World): Definitions {
  const { store } = world;
  const served = new Map<string, { readonly definition: Stored; readonly kinds: readonly Resource[] }>();
  let timer: NodeJS.Immediate | undefined;
  const settle = () => {
    timer = undefined;
    for (const [, definition] of store.snapshot(customResourceDefinitions)) {
      if (definition.metadata.deletionTimestamp === undefined) establish(world, definition);
      else cleanUp(world, definition);
    }
  };
  const follow = (name: string, definition: Stored | undefined) => {
    const known = served.get(name);
    if (definition === undefined || !isEstablished(definition)) served.delete(name);
    else if (known === undefined || isOther(known.definition, definition)) {
      const versions = specOf(definition).versions.filter((version) => version.served);
      served.set(name, { definition, kinds: versions.map((version) => customResource(definition, version)) });
    }
  };
  const unsubscribe = store.subscribe(({ resource, object, previous }) => {
    const isDefinition = resource.plural === customResourceDefinitions.plural && !resource.isCustom;
    if (isDefinition) follow((object ?? previous)?.metadata.name ?? '', object);
    // The last object of a kind that goes lets its definition go.
    if ((isDefinition || resource.isCustom) && timer === undefined) timer = setImmediate(settle);
  });
  return {
    kinds: () => [...served.values()].flatMap(({ kinds }) => kinds),
    stop() {
      unsubscribe();
      clearImmediate(timer);
    },
  };
}

const isOther = (known: Stored, { metadata }: Stored) =>
  known.metadata.uid !== metadata.uid ||
  known.metadata.generation !== metadata.generation ||
  known.metadata.deletionTimestamp !== metadata.deletionTimestamp;

function establish({ store, now, builtIn }: World, definition: Stored): void {
  const { group, names, versions } = specOf(definition);
  const others = store
    .snapshot(customResourceDefinitions)
    .map(([, other]) => other)
    .filter((other) => other.metadata.uid !== definition.metadata.uid && specOf(other).group === group)
    .filter(isEstablished)
    .map((other) => specOf(other).names);
  const taken = takenName(names, [...others, ...builtIn.filter((kind) => kind.group === group)]);
  const lastTransitionTime = timestampOf(now());
  const status = taken === undefined ? 'True' : 'False';
  const accepted =
    taken === undefined
      ? { reason: 'NoConflicts', message: 'no conflicts found' }
      : { reason: 'NamesConflict', message: `${JSON.stringify(taken)} is already in use` };
  const established =
    taken === undefined
      ? { reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
      : { reason: 'NotAccepted', message: 'not all names are accepted' };
  const wanted = [
    { type: 'NamesAccepted', status, ...accepted },
    { type: 'Established', status, ...established },
  ];
  const conditions = wanted.map((condition) => {
    const same = conditionsOf(definition).find(({ type, status: was }) => type === condition.type && was === status);
    return { lastTransitionTime: same?.lastTransitionTime ?? lastTransitionTime, ...condition };
  });
  const storedVersions = versions.filter(({ storage }) => storage).map(({ name }) => name);
  const next = { conditions, acceptedNames: names, storedVersions };
  if (!isDeepStrictEqual(definition.status, next))
    store.put(customResourceDefinitions, { ...definition, status: next });
}

const allNames = ({ plural, kind, singular, shortNames = [] }: Names) => [plural, kind, singular, ...shortNames];

function takenName(names: Names, others: readonly Names[]): string | undefined {
  const taken = new Set(others.flatMap(allNames));
  return allNames(names).find((name) => name !== undefined && taken.has(name));
}

function cleanUp({ store, objects }: World, definition: Stored): void {
  const finalizers = definition.metadata.finalizers ?? [];
  const version = specOf(definition).versions[0];
  if (!finalizers.includes(cleanupFinalizer) || version === undefined) return;
  const resource = customResource(definition, version);
  const targets = store
    .snapshot(resource)
    .filter(([, { metadata }]) => metadata.deletionTimestamp === undefined)
    .map(([, { metadata }]) => ({ resource, namespace: metadata.namespace, name: metadata.name ?? '' }));
  for (const target of targets) objects.remove(target);
  if (store.snapshot(resource).length > 0) return;
  const metadata = { ...definition.metadata, finalizers: finalizers.filter((each) => each !== cleanupFinalizer) };
  const name = definition.metadata.name ?? '';
  objects.replace({ resource: customResourceDefinitions, namespace: undefined, name }, { ...definition, metadata });
}
