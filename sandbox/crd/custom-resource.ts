import { type Column, isRecord, type Resource, type Stored } from '../resource.ts';
import { badRequest, type Cause, invalid, notAllowed } from '../status.ts';
import { ageColumn, ageOf } from '../table.ts';
import { brokenRules } from './cel-rules.ts';
import { type PrinterColumn, specOf, type Version } from './definition.ts';
import { fillDefaults } from './fill-defaults.ts';
import { readJsonPath } from './json-path.ts';
import { prune } from './prune.ts';
import { listRulesFrom, type Schema } from './schema.ts';
import { type Validate, validatorOf } from './validate.ts';

/** The kind that one version of a definition makes. */
export function customResource(definition: Stored, version: Version): Resource {
  const { group, scope, names } = specOf(definition);
  const schema = version.schema?.openAPIV3Schema ?? {};
  const validate = validatorOf(schema);
  const isEnding = definition.metadata.deletionTimestamp !== undefined;
  const { shortNames, categories } = names;
  const resource: Resource = {
    group,
    version: version.name,
    plural: names.plural,
    kind: names.kind,
    namespaced: scope === 'Namespaced',
    singular: names.singular ?? names.kind.toLowerCase(),
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    hasStatus: version.subresources?.status !== undefined,
    isCustom: true,
    schema,
    listRules: listRulesFrom(schema),
    allColumns: version.additionalPrinterColumns?.map(columnOf) ?? [ageColumn],
    admit(object, current, { isStrict }) {
      if (isEnding && current === undefined) throw notAllowed('create');
      const { kept, unknown } = prune(object, schema);
      if (isStrict && unknown.length > 0) {
        const words = unknown.map((field) => `unknown field ${JSON.stringify(field)}`).join(', ');
        throw badRequest(`${names.kind} in version ${JSON.stringify(version.name)}: strict decoding error: ${words}`);
      }
      const whole = fillDefaults(kept, schema);
      if (isRecord(whole)) become(object, whole);
      const causes = judge(object, current, schema, validate);
      if (causes.length > 0) throw invalid(resource, object.metadata.name ?? '', causes);
    },
  };
  return resource;
}

function become(object: Stored, whole: Record<string, unknown>): void {
  for (const field of Object.keys(object)) if (!(field in whole)) delete object[field];
  Object.assign(object, whole);
}

// What is this wrong the rules are not asked about: they count on types, and on bounds to end in time.
const blocking = new Set([
  'FieldValueTypeInvalid',
  'FieldValueRequired',
  'FieldValueNotSupported',
  'FieldValueTooMany',
  'FieldValueTooLong',
]);
const notChecked: Cause = {
  reason: 'FieldValueInvalid',
  message: 'some validation rules were not checked because the object was invalid',
  field: '<nil>',
};

function judge(object: Stored, current: Stored | undefined, schema: Schema, validate: Validate): Cause[] {
  const causes = validate(object);
  if (causes.some(({ reason }) => blocking.has(reason))) return [...causes, notChecked];
  return [...causes, ...brokenRules(schema, { value: object, old: current, path: '' })];
}

function columnOf({ name, type, jsonPath, format = '', description = '', priority = 0 }: PrinterColumn): Column {
  const find = readJsonPath(jsonPath);
  const cell = (object: Stored) => {
    const value = find(object);
    if (value === undefined || value === null) return null;
    if (type === 'date') return ageOf(Date.parse(String(value)), Date.now());
    if (typeof value === 'object') return JSON.stringify(value);
    return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
  };
  return { name, type, format, description, priority, cell };
}
