import { Ajv, type ErrorObject } from 'ajv';
import { isRecord } from '../resource.ts';
import type { Cause } from '../status.ts';
import { formats } from './formats.ts';
import { fieldPath, type Schema } from './schema.ts';

const reasons: Readonly<Record<string, string>> = {
  type: 'FieldValueTypeInvalid',
  required: 'FieldValueRequired',
  enum: 'FieldValueNotSupported',
  maxItems: 'FieldValueTooMany',
  maxProperties: 'FieldValueTooMany',
  maxLength: 'FieldValueTooLong',
};

/** What is wrong with a value, in the terms of its schema. Throws for a schema that is none. */
export type Validate = (value: unknown) => Cause[];

export function validatorOf(schema: Schema): Validate {
  const ajv = new Ajv({ allErrors: true, strict: false, formats, code: { regExp: regularExpression } });
  const validate = ajv.compile(jsonSchemaOf(schema));
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map((error) => causeOf(error, value)));
}

/** Go's patterns as JavaScript's: with characters beyond 16 bits where they allow it, else as older ones. */
function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return new RegExp(pattern);
  }
}
regularExpression.code = 'regularExpression';

const nested = ['items', 'not', 'additionalProperties'];
const lists = ['allOf', 'anyOf', 'oneOf'];
const kept = new Set(
  'type format enum pattern required minimum maximum multipleOf minLength maxLength minItems maxItems uniqueItems minProperties maxProperties'.split(
    ' ',
  ),
);

/** A structural schema as the JSON schema that ajv reads. */
function jsonSchemaOf(schema: Schema): Record<string, unknown> {
  const { properties, exclusiveMinimum, exclusiveMaximum, minimum, maximum, type } = schema;
  const result: Record<string, unknown> = Object.fromEntries(Object.entries(schema).flatMap(keywordOf));
  if (properties) {
    const entries = Object.entries(properties).map(([name, child]) => [name, jsonSchemaOf(child)]);
    result.properties = Object.fromEntries(entries);
  }
  // OpenAPI 3.0 says with true or false what JSON schema says with the number.
  if (exclusiveMinimum === true) result.exclusiveMinimum = minimum;
  if (exclusiveMaximum === true) result.exclusiveMaximum = maximum;
  if (schema['x-kubernetes-int-or-string']) result.type = ['integer', 'string'];
  return schema.nullable ? nullable(result, type) : result;
}

function keywordOf([key, value]: [string, unknown]): [string, unknown][] {
  if (kept.has(key)) return [[key, value]];
  if (nested.includes(key)) return [[key, isRecord(value) ? jsonSchemaOf(value) : value]];
  return lists.includes(key) && Array.isArray(value) ? [[key, value.filter(isRecord).map(jsonSchemaOf)]] : [];
}

function nullable(schema: Record<string, unknown>, type: string | undefined): Record<string, unknown> {
  if (type === undefined) return schema;
  return { ...schema, type: [type, 'null'], ...(Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}) };
}

function causeOf(error: ErrorObject, root: unknown): Cause {
  const { keyword, instancePath, params } = error;
  const { path, value } = placeOf(instancePath, root);
  if (keyword === 'required') {
    const field = fieldPath(path, String(params.missingProperty));
    return { reason: 'FieldValueRequired', message: 'Required value', field };
  }
  const shown = typeof value === 'object' ? `"${Array.isArray(value) ? 'array' : 'object'}"` : JSON.stringify(value);
  const wanted = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : '';
  const message = `Invalid value: ${shown}: ${error.message}${wanted}`;
  return { reason: reasons[keyword] ?? 'FieldValueInvalid', message, field: path };
}

/** A JSON pointer as Kubernetes writes paths, and the value there. */
function placeOf(pointer: string, root: unknown): { path: string; value: unknown } {
  let [path, value] = ['', root];
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path = Array.isArray(value) ? `${path}[${name}]` : fieldPath(path, name);
    value = Array.isArray(value) ? value[Number(name)] : isRecord(value) ? value[name] : undefined;
  }
  return { path, value };
}
