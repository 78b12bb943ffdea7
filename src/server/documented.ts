import { Ajv2020 } from 'ajv/dist/2020.js';
import { openApi } from './openapi-document.ts';
import type { Json, Operation } from './openapi-parts.ts';

/** For tests: one operation of the document, and whether an answer is one that it tells of. */
export type Documented = {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  /** Parameters with their references resolved. */
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Json }[];
  /** What is wrong with an answer; undefined for one that is as the document says. */
  misfit(status: number, contentType: string | null, body: string): string | undefined;
};

/** Every operation of the document. */
export function documentedOperations(): Documented[] {
  const document = openApi();
  const ajv = new Ajv2020({ strict: false, validateFormats: false, schemas: [{ $id: 'api', ...document }] });
  const fits = (path: readonly string[], value: unknown): string | undefined => {
    const pointer = path.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const validate = ajv.getSchema(`api#/${pointer}`);
    if (validate === undefined) return `no schema at ${pointer}`;
    return validate(value) === true ? undefined : ajv.errorsText(validate.errors);
  };
  const misfitOf = (place: readonly string[], { responses }: Operation): Documented['misfit'] => {
    return (status, contentType, body) => {
      const type = contentType?.split(';')[0] ?? '';
      const untold = whatIsUntold(responses[String(status)], status, type, body);
      if (untold !== undefined || type !== 'application/json') return untold;
      return fits([...place, 'responses', String(status), 'content', type, 'schema'], JSON.parse(body));
    };
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation,
      parameters: (operation.parameters ?? []).map((each) => resolve(document.components.parameters, each)),
      misfit: misfitOf(['paths', path, method], operation),
    })),
  );
}

function whatIsUntold(answer: Json | undefined, status: number, type: string, body: string): string | undefined {
  if (answer === undefined) return `status ${status} is not told of`;
  if (answer.content === undefined) return body === '' ? undefined : 'a body that is not told of';
  return Object.hasOwn(Object(answer.content), type) ? undefined : `content type ${type} is not told of`;
}

function resolve(known: Readonly<Record<string, Json>>, parameter: Json): Documented['parameters'][number] {
  const name = typeof parameter.$ref === 'string' ? (parameter.$ref.split('/').at(-1) ?? '') : undefined;
  return (name === undefined ? parameter : (known[name] ?? {})) as Documented['parameters'][number];
}
