import type { ListRules } from '../list-merging.ts';
import { isRecord } from '../resource.ts';

/** One rule of `x-kubernetes-validations`. */
export type Rule = {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
};

/** A structural schema, as a CustomResourceDefinition holds it. */
export type Schema = {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly Rule[];
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly [keyword: string]: unknown;
};

/** The schema of the field `name` of an object, declared or like all others. */
export function schemaOfField(schema: Schema, name: string): Schema | undefined {
  const { properties = {}, additionalProperties } = schema;
  if (Object.hasOwn(properties, name)) return properties[name];
  return isRecord(additionalProperties) ? additionalProperties : undefined;
}

export const fieldPath = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

/** The schema and all those within it, each with the path of what it is about. */
export function schemasWithin(schema: Schema, path = ''): { schema: Schema; path: string }[] {
  const { properties = {}, items, additionalProperties } = schema;
  const fields = Object.entries(properties).flatMap(([name, child]) => schemasWithin(child, fieldPath(path, name)));
  const others = [items, additionalProperties].filter(isRecord).flatMap((child) => schemasWithin(child, `${path}[*]`));
  return [{ schema, path }, ...fields, ...others];
}

/** How the lists of a custom resource merge: as a whole, unless its schema says otherwise. */
export function listRulesFrom(root: Schema): ListRules {
  return (path) => {
    let schema: Schema | undefined = root;
    for (const name of path) schema = schema && schemaOfField(schema.items ?? schema, name);
    const { 'x-kubernetes-list-type': type, 'x-kubernetes-list-map-keys': keys = [] } = schema ?? {};
    if (type === 'set') return 'set';
    return type === 'map' ? keys : 'atomic';
  };
}
