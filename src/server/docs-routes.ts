import type { FastifyInstance } from 'fastify';
import { JSON_TYPE } from './answer.ts';
import { docsPage } from './docs-page.ts';
import { openApi } from './openapi-document.ts';
import { sendPage } from './page.ts';
import { addResource } from './resource.ts';

/**
 * `/openapi.json` and `/docs`: what the service takes and answers, for programs and for people. Open, since they are the
 * same wherever Muster runs.
 */
export function addDocsRoutes(app: FastifyInstance): void {
  const made = lazily(() => {
    const document = openApi();
    return { json: `${JSON.stringify(document, null, 2)}\n`, page: docsPage(document) };
  });
  addResource(
    app,
    '/openapi.json',
    { GET: async (_request, reply) => reply.type(JSON_TYPE).send(made().json) },
    { isOpen: true },
  );
  addResource(app, '/docs', { GET: async (_request, reply) => sendPage(reply, made().page) }, { isOpen: true });
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
