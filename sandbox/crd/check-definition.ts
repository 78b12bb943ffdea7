import { fieldAt, isRecord, type Stored } from '../resource.ts';
import type { Cause } from '../status.ts';
import { compileExpression } from './cel-rules.ts';
import { readJsonPath } from './json-path.ts';
import { type Schema, schemasWithin } from './schema.ts';
import { validatorOf } from './validate.ts';

const required = (field: string): Cause => ({ reason: 'FieldValueRequired', message: 'Required value', field });
const wrong = (field: string, message: string): Cause => ({ reason: 'FieldValueInvalid', message, field });

/** What stands against a definition before the sandbox can serve it: names, versions, schemas, rules and columns. */
export function checkDefinition(definition: Stored): Cause[] {
  const texts = ['spec.group', 'spec.names.plural', 'spec.names.kind', 'spec.scope'];
  const missing = texts.filter((field) => !fieldAt(definition, field)).map(required);
  const name = `${fieldAt(definition, 'spec.names.plural')}.${fieldAt(definition, 'spec.group')}`;
  const misnamed = definition.metadata.name === name ? [] : [wrong('metadata.name', `must be ${name}`)];
  const scope = fieldAt(definition, 'spec.scope');
  const placed = scope === 'Namespaced' || scope === 'Cluster' ? [] : [wrong('spec.scope', 'no such scope')];
  const found = fieldAt(definition, 'spec.versions');
  const versions = Array.isArray(found) ? found : [];
  const stores = versions.filter((version) => isRecord(version) && version.storage === true);
  const stored =
    stores.length === 1 ? [] : [wrong('spec.versions', 'must have exactly one version marked as storage version')];
  const ofVersions = versions.flatMap((version, at) => checkVersion(version, `spec.versions[${at}]`));
  return missing.length > 0 ? missing : [...misnamed, ...placed, ...stored, ...ofVersions];
}

function checkVersion(version: unknown, path: string): Cause[] {
  const schema = fieldAt(version, 'schema.openAPIV3Schema');
  const field = `${path}.schema.openAPIV3Schema`;
  if (!isRecord(version) || !version.name) return [required(`${path}.name`)];
  if (!isRecord(schema)) return [required(field)];
  if (schema.type !== 'object') return [wrong(`${field}.type`, 'must be object')];
  const columns = Array.isArray(version.additionalPrinterColumns) ? version.additionalPrinterColumns : [];
  return [
    ...checkSchema(schema, field),
    ...columns.flatMap((column, at) =>
      refusalOf(`${path}.additionalPrinterColumns[${at}].jsonPath`, () =>
        readJsonPath(String(fieldAt(column, 'jsonPath') ?? '')),
      ),
    ),
  ];
}

function checkSchema(schema: Schema, field: string): Cause[] {
  const rules = schemasWithin(schema).flatMap(({ schema: { 'x-kubernetes-validations': found = [] }, path }) =>
    found.flatMap(({ rule }) => refusalOf(`${field}.${path}.x-kubernetes-validations`, () => checkExpression(rule))),
  );
  return [...refusalOf(field, () => validatorOf(schema)), ...rules];
}

/** Throws for what is no CEL, and for functions that the sandbox has not. */
function checkExpression(text: string): void {
  const { valid, error } = compileExpression(text).run.check();
  if (!valid) throw error ?? new Error(`${text} is no expression`);
}

function refusalOf(field: string, attempt: () => unknown): Cause[] {
  try {
    attempt();
    return [];
  } catch (error) {
    return [wrong(field, String(error))];
  }
}
