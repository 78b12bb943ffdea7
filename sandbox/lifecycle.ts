import type { OwnerReference } from '../src/kube/kinds.ts';
import { namespaces } from './kinds/namespace.ts';
import type { Objects } from './objects.ts';
import type { Resource, Stored } from './resource.ts';
import type { Store } from './store.ts';

type Placed = { readonly resource: Resource; readonly object: Stored };
type World = { readonly store: Store; readonly objects: Objects; readonly kinds: () => readonly Resource[] };

/**
 * What follows from a deletion: dependents go after or before their owner, or are orphaned; a namespace goes when it
 * is empty. Runs after every change; returns what ends it.
 */
export function followDeletions(world: World): () => void {
  let isPlanned = false;
  let timer: NodeJS.Immediate | undefined;
  const settle = () => {
    isPlanned = false;
    for (const placed of everything(world)) {
      if (placed.object.metadata.deletionTimestamp !== undefined) finish(world, placed);
    }
  };
  const unsubscribe = world.store.subscribe(({ object, previous }) => {
    if (object === undefined && previous?.metadata.uid !== undefined) dropDependents(world, previous);
    if (isPlanned) return;
    isPlanned = true;
    timer = setImmediate(settle);
  });
  return () => {
    unsubscribe();
    clearImmediate(timer);
  };
}

function everything({ store, kinds }: World): Placed[] {
  return kinds().flatMap((resource) => store.snapshot(resource).map(([, object]) => ({ resource, object })));
}

const ownersOf = ({ object }: Placed): readonly OwnerReference[] => object.metadata.ownerReferences ?? [];

function dependentsOf(world: World, owner: Stored): Placed[] {
  return everything(world).filter((placed) => ownersOf(placed).some(({ uid }) => uid === owner.metadata.uid));
}

function targetOf({ resource, object }: Placed) {
  return { resource, namespace: object.metadata.namespace, name: object.metadata.name ?? '' };
}

/** Removes the reference to `owner`; the object too, when no other owner of it lives. */
function dropDependents(world: World, owner: Stored): void {
  const living = new Set(everything(world).map(({ object }) => object.metadata.uid));
  for (const placed of dependentsOf(world, owner)) {
    if (ownersOf(placed).some(({ uid }) => living.has(uid))) letGo(world, placed, owner);
    else if (placed.object.metadata.deletionTimestamp === undefined) world.objects.remove(targetOf(placed));
  }
}

function letGo({ objects }: World, placed: Placed, owner: Stored): void {
  const ownerReferences = ownersOf(placed).filter(({ uid }) => uid !== owner.metadata.uid);
  const metadata = { ...placed.object.metadata, ownerReferences };
  objects.replace(targetOf(placed), { ...placed.object, metadata });
}

function finish(world: World, placed: Placed): void {
  const { store, objects } = world;
  // An earlier step of the same round may have changed or removed it.
  const object = store.get(placed.resource, placed.object.metadata.namespace, placed.object.metadata.name ?? '');
  if (object === undefined || object.metadata.uid !== placed.object.metadata.uid) return;
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes('orphan')) {
    for (const dependent of dependentsOf(world, object)) letGo(world, dependent, object);
    unpin(objects, { ...placed, object }, 'orphan');
  } else if (finalizers.includes('foregroundDeletion')) {
    finishForeground(world, { ...placed, object });
  } else if (placed.resource === namespaces) empty(world, object);
}

function finishForeground(world: World, owner: Placed): void {
  const dependents = dependentsOf(world, owner.object);
  for (const dependent of dependents) {
    if (dependent.object.metadata.deletionTimestamp === undefined) world.objects.remove(targetOf(dependent));
  }
  if (dependents.length === 0) unpin(world.objects, owner, 'foregroundDeletion');
}

function unpin(objects: Objects, placed: Placed, finalizer: string): void {
  const finalizers = (placed.object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  const metadata = { ...placed.object.metadata, finalizers };
  objects.replace(targetOf(placed), { ...placed.object, metadata });
}

function empty(world: World, namespace: Stored): void {
  const contents = everything(world).filter(({ object }) => object.metadata.namespace === namespace.metadata.name);
  for (const placed of contents) {
    if (placed.object.metadata.deletionTimestamp === undefined) world.objects.remove(targetOf(placed));
  }
  const isHeld = (namespace.metadata.finalizers ?? []).length > 0;
  if (contents.length === 0 && !isHeld) world.store.remove(namespaces, namespace);
}
