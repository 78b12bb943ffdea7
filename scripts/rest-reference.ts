// The tables of docs/rest.md: routes, keys and errors, out of the same sources as docs/openapi.json.
import { errorTable } from '../src/report/errors.ts';
import type { OpenApi } from '../src/server/openapi-document.ts';
import { table } from './markdown.ts';

/** Tables in Markdown; needs marks around it. */
export function restReference(document: OpenApi): string {
  const { Report = {}, ReportRequest = {} } = document.components.schemas;
  return [
    '',
    '### Routes',
    table(['route', 'what it does', 'answers'], routes(document)),
    '### Keys of a request',
    table(['key', 'type', 'meaning', 'unless told'], keys(ReportRequest, true)),
    '### Keys of a report',
    table(['key', 'type', 'meaning'], keys(Report, false)),
    '### Errors',
    table(
      ['status', 'code', 'what to do'],
      Object.entries(errorTable).map(([code, { httpStatus, todo }]) => [String(httpStatus), `\`${code}\``, todo]),
    ),
    '',
  ].join('\n\n');
}

function routes({ paths }: OpenApi): string[][] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, responses, security }]) => {
      const good = Object.keys(responses).filter((status) => status < '400');
      const open = security?.length === 0 ? ' (without a token)' : '';
      return [`\`${method.toUpperCase()} ${path}\``, `${summary}${open}`, good.join(', ')];
    }),
  );
}

type Loose = { readonly [key: string]: unknown };
const loose = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {});

function keys(schema: Loose, withDefaults: boolean): string[][] {
  return Object.entries(loose(schema.properties)).map(([key, property]) => {
    const { description = '', default: usual } = loose(property);
    const last = withDefaults ? [usual === undefined ? '' : `\`${JSON.stringify(usual)}\``] : [];
    return [`\`${key}\``, typeOf(loose(property)), String(description), ...last];
  });
}

function typeOf({ type, anyOf, items, enum: values }: Loose): string {
  if (Array.isArray(values)) return values.map((value) => `\`${value}\``).join(' ');
  if (Array.isArray(anyOf)) return anyOf.map((one) => typeOf(loose(one))).join(' or ');
  return type === 'array' ? `list of ${typeOf(loose(items))}` : String(type);
}
