import { type ErrorCode, errorTable } from '../report/errors.ts';

// What the operations of the document are made of.

export type Json = { readonly [key: string]: unknown };

export type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
  /** Empty: without a token. */
  readonly security?: readonly Json[];
};

export type Paths = Readonly<Record<string, Readonly<Partial<Record<'get' | 'post' | 'delete', Operation>>>>>;

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
export const param = (name: string): Json => ({ $ref: `#/components/parameters/${name}` });
export const body = (description: string, type: string, schema: Json): Json => ({
  description,
  content: { [type]: { schema } },
});
export const json = (description: string, schema: Json) => body(description, 'application/json', schema);
export const bytes = (description: string, type: string) =>
  body(description, type, { type: 'string', format: 'binary' });
export const withHeaders = (response: Json, headers: Readonly<Record<string, string>>): Json => ({
  ...response,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  ),
});

/** What any request with a token may be answered. */
const ALWAYS: readonly ErrorCode[] = [
  'InvalidInput',
  'CredentialsRejected',
  'RightsMissing',
  'CrossSite',
  'TooManyRequests',
  'Internal',
  'ClusterRefused',
  'ClusterUnreachable',
];

/** Answers for errors: one for each status, with the codes that come with it. */
export function errors(...codes: ErrorCode[]): Record<string, Json> {
  const byStatus = Map.groupBy([...new Set([...ALWAYS, ...codes])], (code) => errorTable[code].httpStatus);
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => [String(status), json(those.join(', '), ref('Error'))]),
  );
}

// What the shapes of the document are made of.

export const text = (description: string): Json => ({ type: 'string', description });
export const texts = (description: string): Json => ({ type: 'array', description, items: { type: 'string' } });
export const arrayOf = (name: string): Json => ({ type: 'array', items: ref(name) });
export const object = (
  description: string,
  properties: Readonly<Record<string, Json>>,
  optional: readonly string[] = [],
): Json => ({
  type: 'object',
  description,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
  properties,
});
