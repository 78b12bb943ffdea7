import type { Kind, ObjectMeta } from '../src/kube/kinds.ts';
import type { Access, Caller } from './access/access.ts';
import type { ListRules } from './list-merging.ts';

export type Meta = ObjectMeta & {
  generation?: number;
  deletionGracePeriodSeconds?: number;
};

/** Any object that the sandbox keeps. Stored ones are never changed in place. */
export type Stored = { apiVersion?: string; kind?: string; metadata: Meta; [field: string]: unknown };

/** One column of kubectl's table. */
export type Column = {
  readonly name: string;
  readonly cell: (object: Stored) => string | number | boolean | null;
  /** `string` unless told. */
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  /** Those above 0 are shown with `-o wide` only. */
  readonly priority?: number;
};

export type AdmitOptions = {
  /** Fields that the kind does not know are a 400, and not only dropped. */
  readonly isStrict: boolean;
};

/** A kind that the sandbox serves: how the API spells it, and the little that it does differently from the others. */
export type Resource = Kind & {
  readonly singular: string;
  readonly shortNames?: readonly string[];
  /** Names that stand for several kinds: `all` is what `kubectl get all` and an inspection of a namespace read. */
  readonly categories?: readonly string[];
  /** As discovery tells them; all eight unless told. */
  readonly verbs?: readonly string[];
  /** Whether `/status` is written apart from the rest. */
  readonly hasStatus?: boolean;
  /** Names need only be one segment of a path, as those of roles do; DNS names otherwise. */
  readonly freeNames?: boolean;
  /** Without Name and Age, which every kind has. */
  readonly columns?: readonly Column[];
  /** All columns after Name, Age only where it is among them. */
  readonly allColumns?: readonly Column[];
  /** Fills in what the real API server fills in at creation. Gets a copy of its own to change. */
  readonly prepare?: (object: Stored) => void;
  /** Fills in and judges what is about to be kept, at creation and at each change. Gets a copy of its own to change. */
  readonly admit?: (object: Stored, current: Stored | undefined, options: AdmitOptions) => void;
  /** A custom resource's, from its definition. */
  readonly isCustom?: boolean;
  /** What openapi tells of its objects. */
  readonly schema?: object;
  /** How its lists merge, where that is not as the built-in kinds' lists of that name do. */
  readonly listRules?: ListRules;
  /** For kinds whose objects are answered and not kept, as reviews are: the status that a posted one comes back with. */
  readonly answer?: (object: Stored, asker: { readonly access: Access; readonly caller: Caller }) => Promise<object>;
  /** Seconds that a deleted object waits for its node to let go of it; 0 removes at once. */
  readonly graceSeconds?: (object: Stored) => number;
  /** Fields beside metadata.name and metadata.namespace that a field selector may ask for. */
  readonly fields?: readonly string[];
};

/** The group and version as `apiVersion` spells them. */
export function apiVersionOf({ group, version }: Kind): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The value at a dotted path, `undefined` where there is none. */
export function fieldAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A cell that shows a field, or `empty` where the object has none. */
export function textOf(value: unknown, empty = '<none>'): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : empty;
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestampOf(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}
