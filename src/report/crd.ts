import { fieldRules, specRules } from './crd-rules.ts';
import { GROUP, KIND, PLURAL, VERSION } from './kind.ts';
import { type SpecField, specDefaults, specSchema } from './spec.ts';
import { statusSchema } from './status.ts';

type Json = { [key: string]: unknown };

/** A kind with its name, as the API server takes it. */
export type CustomResourceDefinition = {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: Json;
};

/** The definition of MustGatherReport, from the same schemas that Muster itself checks with. */
export function mustGatherReportCrd(): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind: KIND, listKind: `${KIND}List`, plural: PLURAL, singular: KIND.toLowerCase(), shortNames: ['mgr'] },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: printerColumns,
          schema: { openAPIV3Schema: objectSchema() },
        },
      ],
    },
  };
}

const printerColumns = [
  { name: 'Id', type: 'integer', jsonPath: '.status.id' },
  { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  { name: 'Progress', type: 'integer', jsonPath: '.status.progress.percent', description: 'Percent' },
  { name: 'Archive size', type: 'integer', jsonPath: '.status.archive.size', description: 'Bytes' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Requested by', type: 'string', jsonPath: '.status.requestedBy', priority: 1 },
  { name: 'Report URL', type: 'string', jsonPath: '.status.report_url', priority: 1 },
  {
    name: 'Failure',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Failure")].message',
    priority: 1,
  },
];

function objectSchema(): Json {
  return {
    type: 'object',
    description: 'A diagnostic report of a cluster: a request for it, and what became of it.',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      // A report without a spec asks for the usual. `{}` would do, but its rules are checked before it is filled in.
      spec: { ...specOpenApi(), default: specDefaults },
      status: structural({ ...statusSchema }),
    },
  };
}

function specOpenApi(): Json {
  const spec = structural({ ...specSchema });
  const properties: Json = {};
  for (const [field, schema] of Object.entries(spec.properties ?? {})) properties[field] = withRules(field, schema);
  return { ...spec, properties, 'x-kubernetes-validations': specRules() };
}

function withRules(field: string, schema: Json): Json {
  const rules = isRuled(field) ? fieldRules[field] : undefined;
  if (rules === undefined) return schema;
  const checks = { 'x-kubernetes-validations': rules };
  return isJson(schema.items) ? { ...schema, items: { ...schema.items, ...checks } } : { ...schema, ...checks };
}

function isRuled(field: string): field is SpecField {
  return Object.hasOwn(fieldRules, field);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys of a schema that Kubernetes takes as they are. */
const KEPT = new Set([
  'type',
  'format',
  'description',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'maxItems',
  'pattern',
]);

/**
 * A JSON Schema as Kubernetes' structural schema: every value has its type, an object lists its properties (what is
 * not listed is pruned, and refused by kubectl), and what has a default is not required. Throws for a key that has no
 * counterpart: nothing may get lost on the way.
 */
function structural(schema: Json): Structural {
  const result: Structural = {};
  for (const [key, value] of Object.entries(schema)) Object.assign(result, counterpart(key, value, schema));
  return result;
}

type Structural = Json & { properties?: Record<string, Json> };

function counterpart(key: string, value: unknown, schema: Json): Structural {
  if (key === 'enum') return { type: 'string', enum: value };
  if (KEPT.has(key)) return { [key]: value };
  if (key === 'items' && isJson(value)) return { items: structural(value) };
  if (key === 'properties' && isJson(value)) return { properties: structuralProperties(value) };
  if (key === 'required' && Array.isArray(value)) return withoutDefault(value, schema.properties);
  // What is not listed is pruned anyway.
  if (key === 'additionalProperties' && value === false) return {};
  throw new Error(`a custom resource's schema has no ${key}`);
}

function structuralProperties(properties: Json): Record<string, Json> {
  const entries = Object.entries(properties);
  return Object.fromEntries(entries.map(([name, schema]) => [name, structural(isJson(schema) ? schema : {})]));
}

function withoutDefault(required: unknown[], properties: unknown): Structural {
  const hasDefault = (name: unknown) => {
    const schema = isJson(properties) ? properties[String(name)] : undefined;
    return isJson(schema) && 'default' in schema;
  };
  const left = required.filter((name) => !hasDefault(name));
  return left.length === 0 ? {} : { required: left };
}
