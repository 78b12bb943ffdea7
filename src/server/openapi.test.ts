import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileEntry, make, scratchFolder } from '../archive/test-support.ts';
import { validateSpec } from '../report/spec.ts';
import { createServer } from './create-server.ts';
import { type Documented, documentedOperations } from './documented.ts';
import { openApi } from './openapi-document.ts';
import type { Json } from './openapi-parts.ts';
import { startService, type TestService, testReports } from './test-reports.ts';

const operations = documentedOperations();
const soon = () => AbortSignal.timeout(60_000);
const ada = { username: 'ada' };

/** A service with report 1, `case`, whose archive is whole and which nobody can delete, and with report 2, which runs. */
async function start(): Promise<TestService> {
  const reports = testReports();
  const keeping: Partial<typeof reports> = {
    ...reports,
    remove: async (report, caller, signal) => {
      if ((report.status?.id ?? 0) > 2) await reports.remove(report, caller, signal);
    },
    retry: async ({ spec }, caller, signal) => reports.create(spec, caller, signal),
    cancel: async (report) => report,
    create: async (spec, caller, signal) => {
      const made = await reports.create(spec, caller, signal);
      // So that a list stays short, however many are made.
      if ((made.status?.id ?? 0) > 52) await reports.remove(made, caller, signal);
      return made;
    },
  };
  const service = await startService(keeping);
  using folder = scratchFolder();
  const made = await make(folder.path, async (writer) => {
    await writer.add(fileEntry('top/a.log', 5), Buffer.from('hello'));
    await writer.add({ ...fileEntry('top/soft', 0), type: 'symlink', linkTarget: 'a.log' });
  });
  await reports.create(validateSpec({ customName: 'case' }).spec, ada, soon());
  reports.end(1, 'Partial', await readFile(made.archive));
  const running = await reports.create(validateSpec({ since: '1h', nodeName: 'n' }).spec, ada, soon());
  const gathers = [{ name: 'a', image: 'q/a', phase: 'Running' as const, startedAt: '2026-11-21T09:00:00Z' }];
  const progress = { step: 'gathering', files: 3, bytes: 4 };
  Object.assign(running.status ?? {}, { phase: 'Gathering', gathers, progress });
  return service;
}

/** An answer with its body; of one that goes on for ever, its beginning. */
async function ask(url: string, init: RequestInit): Promise<{ answer: Response; body: string }> {
  const answer = await fetch(url, { ...init, redirect: 'manual', signal: soon() });
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    return { answer, body: await answer.text() };
  }
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return { answer, body: Buffer.from(first?.value ?? []).toString() };
}

function misfit({ misfit: check, method, path }: Documented, { answer, body }: Awaited<ReturnType<typeof ask>>) {
  const why = check(answer.status, answer.headers.get('content-type'), body);
  return why === undefined ? undefined : `${method} ${path} ${answer.status}: ${why}`;
}

describe('the OpenAPI document', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await start();
  });
  afterAll(() => service.close());
  const authorization = 'Bearer good';

  it('tells of every route, and of none that is not there', () => {
    const told = operations.map(({ path, method }) => `${method} ${path}`);
    const routes: string[] = [];
    const app = createServer({ reports: testReports() } as never);
    const nodes = app.printRoutes({ commonPrefix: false, method: undefined as never });
    expect(nodes).toContain('must-gather');
    for (const each of told) {
      const [method = '', path = ''] = each.split(' ');
      const url = path.replace('{path}', '*').replace(/\{(\w+)\}/g, ':$1');
      expect(app.hasRoute({ method: method as 'GET', url }), each).toBe(true);
      routes.push(url);
    }
    expect(new Set(routes)).toEqual(new Set(routesIn(nodes)));
  });

  it.each(operations.map((each) => [`${each.method} ${each.path}`, each] as const))(
    '%s answers as it says',
    async (_, told) => {
      for (const key of ['1', '2', 'none']) {
        for (const path of ['top', 'top/a.log', 'top/soft']) {
          const url = service.url + told.path.replace('{key}', key).replace('{path}', path);
          const asked = await ask(url, { method: told.method, headers: { authorization } });
          expect(misfit(told, asked)).toBeUndefined();
          expect(asked.body).not.toContain('There is nothing at');
          expect(asked.answer.status).not.toBe(405);
        }
      }
    },
  );

  it('is what is checked in and what is served, and has a page without scripts or foreign origins', async () => {
    const served = await (await fetch(`${service.url}/openapi.json`)).text();
    expect(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')).toBe(served);
    const page = await (await fetch(`${service.url}/docs`)).text();
    for (const { operation, path } of operations) {
      expect(page).toContain(`id="${operation.operationId}"`);
      expect(page).toContain(path);
    }
    expect(page).not.toMatch(/<script|<link|<img|<iframe|https?:|url\(/i);
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    for (const id of links) expect(page).toContain(`id="${id}"`);
  });

  it('holds: no request made of it is answered by a 5xx, or by what it does not tell of', async () => {
    const request = fc
      .constantFrom(...operations)
      .chain((told) =>
        fc.record({ told: fc.constant(told), url: urlOf(told), headers: headersOf(told), body: bodyOf(told) }),
      );
    await fc.assert(
      fc.asyncProperty(request, async ({ told, url, headers, body }) => {
        const hasBody = body !== undefined && told.method !== 'GET';
        const asked = await ask(service.url + url, {
          method: told.method,
          headers: { authorization, ...headers, ...(hasBody ? { 'content-type': body.type } : {}) },
          ...(hasBody ? { body: body.text } : {}),
        });
        expect(asked.answer.status).toBeLessThan(500);
        expect(misfit(told, asked)).toBeUndefined();
      }),
      { numRuns: process.env.MUSTER_LONG ? 50_000 : 1000, seed: 5 },
    );
    expect(service.failures).toEqual([]);
  });
});

/** The URLs in what Fastify prints of its routes. */
function routesIn(printed: string): string[] {
  const stack: string[] = [];
  const found: string[] = [];
  for (const line of printed.split('\n')) {
    const parts = /^((?:[│ ] {3})*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line);
    if (parts === null) continue;
    const [, indent = '', segment = '', methods] = parts;
    stack.splice(indent.length / 4, stack.length, segment);
    if (methods !== undefined) found.push(stack.join('').replace(/(?<!\/)\*$/, '/*'));
  }
  return found;
}

const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.string());
const oddText = odd.map((text) => text.toWellFormed());
const often = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: usual, weight: 3 }, { arbitrary: rare, weight: 1 });

function urlOf({ path, parameters }: Documented): fc.Arbitrary<string> {
  // Nothing, `.` and `..` would make another route of it.
  const segment = oddText.filter((text) => !['', '.', '..'].includes(text));
  const key = often(fc.constantFrom('1', '2', 'case', '999'), segment).map(encodeURIComponent);
  const inArchive = often(fc.constantFrom('top', 'top/a.log', 'top/soft', 'top/none'), segment).map(encodeURIComponent);
  const queries = parameters.filter((each) => each.in === 'query');
  const query = fc.record(
    Object.fromEntries(queries.map(({ name, schema }) => [name, often(allowedBy(schema).map(String), oddText)])),
    { requiredKeys: [] },
  );
  return fc.tuple(key, inArchive, query).map(([one, file, values]) => {
    const text = new URLSearchParams(values as Record<string, string>).toString();
    return `${path.replace('{key}', one).replace('{path}', file)}${text === '' ? '' : `?${text}`}`;
  });
}

function headersOf({ parameters }: Documented): fc.Arbitrary<Record<string, string>> {
  const names = parameters.filter((each) => each.in === 'header').map(({ name }) => name);
  const range = fc.tuple(fc.nat(2000), fc.nat(2000)).map(([from, to]) => `bytes=${from}-${to}`);
  const value = often(fc.oneof(range, fc.constantFrom('bytes=0-', '"a"', '*')), fc.stringMatching(/^[ -~]{0,30}$/));
  return fc.subarray(names).chain((some) => fc.record(Object.fromEntries(some.map((name) => [name, value]))));
}

function bodyOf({ operation }: Documented): fc.Arbitrary<{ type: string; text: string } | undefined> {
  if (operation.requestBody === undefined) return fc.constant(undefined);
  const { properties = {} } = openApi().components.schemas.ReportRequest as { properties?: Record<string, Json> };
  const object = fc.record(
    Object.fromEntries(
      Object.entries(properties).map(([key, schema]) => [key, often(allowedBy(schema), fc.jsonValue())]),
    ),
    { requiredKeys: [] },
  );
  const json = often(object as fc.Arbitrary<unknown>, fc.jsonValue()).map((value) => ({
    type: 'application/json',
    text: JSON.stringify(value),
  }));
  const form = object.map((value) => ({
    type: 'application/x-www-form-urlencoded',
    text: new URLSearchParams(
      Object.entries(value).map(([key, each]): [string, string] => [key, textOf(each)]),
    ).toString(),
  }));
  return fc.oneof(
    fc.constant(undefined),
    json,
    form,
    oddText.map((text) => ({ type: 'application/json', text })),
  );
}

/** Values that a schema of the document allows, as far as requests need it. */
function allowedBy(schema: Json): fc.Arbitrary<unknown> {
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  if (Array.isArray(schema.anyOf)) return fc.oneof(...schema.anyOf.map((each) => allowedBy(each as Json)));
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer')
    return fc.integer({ min: Number(schema.minimum ?? 0), max: Number(schema.maximum ?? 1e6) });
  if (schema.type === 'array') return fc.array(allowedBy(schema.items as Json), { maxLength: 3 });
  return fc.oneof(fc.constantFrom('q.io/a/b:1', '15m', 'node-1', '/must-gather', 'a=b', 'shop/x:1', 'never'), oddText);
}

/** What JSON makes of objects may have a `toString` of its own that is no function. */
const textOf = (value: unknown) =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
