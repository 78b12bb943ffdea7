import { errorTable } from '../report/errors.ts';
import type { OpenApi } from './openapi-document.ts';
import type { Json, Operation } from './openapi-parts.ts';
import { escapeHtml, htmlPage } from './page.ts';

/** The document as one page of plain HTML. */
export function docsPage(document: OpenApi): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const contents = operations.map(
    ({ path, method, operation }) =>
      `<tr><td><a href="#${operation.operationId}"><code>${method} ${escapeHtml(path)}</code></a></td><td>${escapeHtml(operation.summary)}</td></tr>`,
  );
  const sections = document.tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    const parts = own.map(({ path, method, operation }) => section(document, path, method, operation));
    return `<h2>${escapeHtml(name)}</h2>\n<p>${escapeHtml(description)}</p>\n${parts.join('\n')}`;
  });
  const shapes = Object.entries(document.components.schemas).map(
    ([name, schema]) => `<h3 id="${name}">${name}</h3>\n${described(schema.description)}${fields(schema)}`,
  );
  const { title, description } = document.info;
  return htmlPage(
    `${title}: REST API`,
    `<h1>${escapeHtml(String(title))}: REST API</h1>
${described(description)}
<p>Every request but those to the service's own pages and health needs a header <code>Authorization: Bearer TOKEN</code>.
For programs: <a href="/openapi.json">openapi.json</a>.</p>
<table>${contents.join('\n')}</table>
${sections.join('\n')}
<h2>Errors</h2>
${errorRows()}
<h2>Shapes</h2>
${shapes.join('\n')}`,
  );
}

function section(document: OpenApi, path: string, method: string, operation: Operation): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const asked = parameters.map((parameter) => parameterRow(resolved(document, parameter)));
  const answers = Object.entries(responses).map(
    ([status, answer]) =>
      `<tr><td>${status}</td><td>${escapeHtml(String(answer.description))}</td><td>${contentOf(answer)}</td></tr>`,
  );
  return `<h3 id="${operationId}"><code>${method} ${escapeHtml(path)}</code></h3>
<p>${escapeHtml(summary)}.${operation.security?.length === 0 ? ' Needs no token.' : ''}</p>
${described(description)}${asked.length === 0 ? '' : `<table>${asked.join('\n')}</table>`}
${requestBody === undefined ? '' : `<p>Body: ${contentOf(requestBody)}</p>`}
<table>${answers.join('\n')}</table>`;
}

const described = (description: unknown) =>
  description === undefined ? '' : `<p>${escapeHtml(String(description))}</p>\n`;

function resolved(document: OpenApi, parameter: Json): Json {
  const name = typeof parameter.$ref === 'string' ? parameter.$ref.split('/').at(-1) : undefined;
  return name === undefined ? parameter : (document.components.parameters[name] ?? parameter);
}

function parameterRow({ name, in: where, description, schema }: Json): string {
  return `<tr><td><code>${escapeHtml(String(name))}</code></td><td>${where}</td><td>${typeOf(asJson(schema))}</td><td>${escapeHtml(String(description))}</td></tr>`;
}

function contentOf(answer: Json): string {
  return Object.entries(asJson(answer.content))
    .map(([type, content]) => `<code>${escapeHtml(type)}</code> ${typeOf(asJson(asJson(content).schema))}`)
    .join('<br>');
}

function fields(schema: Json): string {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const rows = Object.entries(asJson(schema.properties)).map(([name, property]) => {
    const { description = '', default: usual } = asJson(property);
    const isOptional = !required.includes(name);
    const more = usual === undefined ? '' : ` Unless told: <code>${escapeHtml(JSON.stringify(usual))}</code>.`;
    return `<tr><td><code>${escapeHtml(name)}</code></td><td>${typeOf(asJson(property))}${isOptional ? ', optional' : ''}</td><td>${escapeHtml(String(description))}${more}</td></tr>`;
  });
  return `<table>${rows.join('\n')}</table>`;
}

/** A type in a few words, with a link to its shape where it has one. */
function typeOf(schema: Json): string {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `<a href="#${name}">${name}</a>`;
  }
  if (Array.isArray(schema.enum))
    return schema.enum.map((each) => `<code>${escapeHtml(String(each))}</code>`).join(' ');
  if (schema.const !== undefined) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`;
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map((each) => typeOf(asJson(each))).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(asJson(schema.items))}`;
  return Array.isArray(schema.type) ? schema.type.join(' or ') : escapeHtml(String(schema.type ?? 'object'));
}

function errorRows(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { httpStatus, todo }]) =>
      `<tr><td>${httpStatus}</td><td><code>${code}</code></td><td>${escapeHtml(todo)}</td></tr>`,
  );
  return `<table>${rows.join('\n')}</table>`;
}

const asJson = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
