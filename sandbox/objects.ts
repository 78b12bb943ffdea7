import { isDeepStrictEqual } from 'node:util';
import { admitAccount } from './access/pod-account.ts';
import { namespaces } from './kinds/namespace.ts';
import { pods } from './kinds/pod.ts';
import { apiVersionOf, isRecord, type Meta, type Resource, type Stored, timestampOf } from './resource.ts';
import { alreadyExists, badRequest, type Cause, conflict, forbidden, invalid, notFound } from './status.ts';
import type { Store } from './store.ts';

/** What a request is about. `dryRun` judges it and changes nothing. */
export type Target = {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly subresource?: string | undefined;
  readonly dryRun?: boolean;
  /** Fields that the kind does not know are a 400. */
  readonly isStrict?: boolean;
};

export type DeleteOptions = {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: string | undefined;
  readonly preconditions?: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined };
};

export type Edge = { readonly now: () => Date; readonly uuid: () => string };
export type Objects = ReturnType<typeof createObjects>;

/** The writing half of the API: what every kind goes through on its way into the store. */
export function createObjects(store: Store, { now, uuid }: Edge) {
  const timestamp = () => timestampOf(now());

  const get = ({ resource, namespace, name }: Target): Stored => {
    const found = store.get(resource, namespace, name);
    if (found === undefined) throw notFound(resource, name);
    return found;
  };

  const create = (target: Target, body: unknown): Stored => {
    const { resource, namespace } = target;
    const given = readObject(target, body);
    const name = given.metadata.name || generatedName(given.metadata, uuid);
    checkNew(resource, name);
    if (namespace !== undefined) checkNamespace(store, resource, namespace, name);
    if (store.get(resource, namespace, name)) throw alreadyExists(resource, name);
    const object: Stored = structuredClone(given);
    const { deletionTimestamp: _never, deletionGracePeriodSeconds: _neither, ...kept } = object.metadata;
    const hasGeneration = 'spec' in object || resource.isCustom;
    object.metadata = definedOnly({
      ...kept,
      name,
      namespace,
      uid: uuid(),
      creationTimestamp: timestamp(),
      generation: hasGeneration ? 1 : undefined,
    });
    if (resource.hasStatus) delete object.status;
    resource.prepare?.(object);
    admit(target, object);
    if (resource === pods) admitAccount(store, object);
    return target.dryRun ? object : store.put(resource, object);
  };

  /** Puts `wanted` in the place of what is there, keeping what callers cannot change. */
  const replace = (target: Target, wanted: unknown): Stored => {
    const { resource, name, subresource, dryRun } = target;
    const current = get(target);
    const given = readObject(target, wanted);
    checkVersion(resource, current, given.metadata);
    const next = structuredClone(subresource === 'status' ? { ...current, status: given.status } : given);
    if (subresource === undefined && resource.hasStatus) next.status = current.status;
    const metadata = subresource === 'status' ? statusMetadata(given, current) : next.metadata;
    next.metadata = keptMetadata(metadata, current.metadata, name);
    admit(target, next, current);
    if (!isDeepStrictEqual(judgedOf(resource, next), judgedOf(resource, current)))
      next.metadata.generation = (current.metadata.generation ?? 1) + 1;
    dropUndefined(next);
    if (isDeepStrictEqual(next, current) || dryRun) return next;
    const stored = store.put(resource, next);
    if (isDone(resource, stored)) store.remove(resource, stored);
    return stored;
  };

  /** Marks or removes an object; what is left to do (dependents, a namespace's contents) lifecycle.ts does. */
  const remove = (target: Target, options: DeleteOptions = {}): { object: Stored; isGone: boolean } => {
    const { resource, dryRun } = target;
    const current = get(target);
    checkVersion(resource, current, definedOnly(options.preconditions ?? {}));
    if (dryRun) return { object: current, isGone: true };
    const marked: Stored = { ...current, metadata: markedMetadata(resource, current, options, timestamp()) };
    if (resource === namespaces) marked.status = { phase: 'Terminating' };
    if (isDone(resource, marked)) {
      store.remove(resource, current);
      return { object: current, isGone: true };
    }
    if (isDeepStrictEqual(marked, current)) return { object: current, isGone: false };
    return { object: store.put(resource, marked), isGone: false };
  };

  return { get, create, replace, remove };
}

function generatedName({ generateName }: Meta, uuid: Edge['uuid']): string {
  return generateName ? generateName + uuid().replaceAll('-', '').slice(0, 5) : '';
}

/** Whether nothing holds a deleted object any more. Namespaces are held by their contents. */
function isDone(resource: Resource, { metadata }: Stored): boolean {
  if (metadata.deletionTimestamp === undefined || resource === namespaces) return false;
  return (metadata.finalizers ?? []).length === 0 && (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

function markedMetadata(resource: Resource, current: Stored, options: DeleteOptions, timestamp: string): Meta {
  const graceSeconds = resource.graceSeconds?.(current) ?? 0;
  const finalizers = withPropagation(current.metadata.finalizers ?? [], options.propagationPolicy);
  return {
    ...current.metadata,
    deletionTimestamp: current.metadata.deletionTimestamp ?? timestamp,
    deletionGracePeriodSeconds: Math.min(graceSeconds, options.gracePeriodSeconds ?? Number.POSITIVE_INFINITY),
    ...(finalizers.length > 0 ? { finalizers } : {}),
  };
}

function withPropagation(finalizers: readonly string[], policy: string | undefined): string[] {
  const added = policy === 'Foreground' ? ['foregroundDeletion'] : policy === 'Orphan' ? ['orphan'] : [];
  return [...new Set([...finalizers, ...added])];
}

/** The body as an object of the kind and place that the path names; throws a 400 for any other. */
function readObject({ resource, namespace, name }: Target, body: unknown): Stored {
  if (!isRecord(body) || !isRecord(body.metadata ?? {})) throw badRequest('the body is no object of Kubernetes');
  const object: Stored = {
    ...body,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: withoutEmpty({ ...(body.metadata as Meta | undefined) }),
  };
  if (body.kind !== undefined && body.kind !== resource.kind)
    throw badRequest(`the body's kind is not ${resource.kind}`);
  if (body.apiVersion !== undefined && body.apiVersion !== object.apiVersion) {
    throw badRequest(`the body's apiVersion is not ${object.apiVersion}`);
  }
  const { metadata } = object;
  if (namespace !== undefined && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the body is not the request's");
  }
  if (name !== '' && metadata.name && metadata.name !== name)
    throw badRequest("the name of the body is not the request's");
  return object;
}

/** Metadata as the API server keeps it: what holds nothing is not there, such as the annotations of `kubectl diff`. */
function withoutEmpty(metadata: Meta): Meta {
  const isEmpty = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null && !isEmpty(value)));
}

const dnsName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const dnsLabel = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

function checkNew(resource: Resource, name: string): void {
  const refuse = (cause: Cause) => {
    throw invalid(resource, name, [cause]);
  };
  if (name === '')
    refuse({ reason: 'FieldValueRequired', message: 'name or generateName is required', field: 'metadata.name' });
  const isLabel = resource === namespaces;
  const isGood = resource.freeNames ? !/[/%]|^\.\.?$/.test(name) : (isLabel ? dnsLabel : dnsName).test(name);
  if (isGood && name.length <= (isLabel ? 63 : 253)) return;
  refuse({ reason: 'FieldValueInvalid', message: `invalid name ${JSON.stringify(name)}`, field: 'metadata.name' });
}

function checkNamespace(store: Store, resource: Resource, namespace: string, name: string): void {
  const found = store.get(namespaces, undefined, namespace);
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  throw forbidden(resource, name, `namespace ${namespace} is being terminated`);
}

function checkVersion(resource: Resource, { metadata }: Stored, wanted: Meta): void {
  const name = metadata.name ?? '';
  if (wanted.uid && wanted.uid !== metadata.uid) throw conflict(resource, name, `its uid is ${metadata.uid}`);
  if (wanted.resourceVersion && wanted.resourceVersion !== metadata.resourceVersion) {
    throw conflict(resource, name, 'the object has been modified; apply your changes to the latest version');
  }
}

/** What counts a new generation when it changes: of a custom resource everything but its metadata and its status. */
function judgedOf({ isCustom, hasStatus }: Resource, object: Stored): unknown {
  if (!isCustom) return object.spec;
  const { metadata: _metadata, status, ...rest } = object;
  return hasStatus ? rest : { ...rest, status };
}

function admit({ resource, isStrict = false }: Target, object: Stored, current?: Stored): void {
  resource.admit?.(object, current, { isStrict });
}

/** All that a change of the status changes beside it is who manages which field. */
function statusMetadata({ metadata: { managedFields } }: Stored, current: Stored): Meta {
  return { ...current.metadata, ...definedOnly({ managedFields }) };
}

function keptMetadata(wanted: Meta, current: Meta, name: string): Meta {
  const { uid, creationTimestamp, namespace, resourceVersion, generation, generateName } = current;
  const { deletionTimestamp, deletionGracePeriodSeconds } = current;
  const fixed = { uid, creationTimestamp, namespace, resourceVersion, generation, generateName };
  const managedFields = wanted.managedFields ?? current.managedFields;
  const metadata = { ...wanted, name, ...fixed, deletionTimestamp, deletionGracePeriodSeconds, managedFields };
  return definedOnly(metadata);
}

function dropUndefined(object: Stored): void {
  for (const [field, value] of Object.entries(object)) if (value === undefined) delete object[field];
}

function definedOnly(metadata: { readonly [field in keyof Meta]?: Meta[field] | undefined }): Meta {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
}
