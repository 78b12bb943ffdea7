import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MusterError } from '../report/errors.ts';
import { frontPage } from './front-page.ts';
import { sendPage } from './page.ts';
import type { PageFile, Pages } from './pages.ts';
import { addResource } from './resource.ts';

/** What the pages may do in a browser: run and show what came from here, and ask here. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Names of assets change with what is in them (vite), so they are good for ever; whether index.html changed is asked. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_FIRST = 'no-cache';

/** The pages' own routes: all of them are index.html, which looks at the path itself. `/login` has a POST beside it. */
const PAGE_ROUTES = ['/', '/reports', '/reports/*'];

/** Serves the built pages; where none were built, one plain page. All are open: they hold nothing of the cluster's. */
export function addPages(app: FastifyInstance, pages: Pages | undefined): void {
  const isOpen = { isOpen: true };
  for (const route of PAGE_ROUTES) {
    addResource(app, route, { GET: async (request, reply) => sendIndex(request, reply, pages) }, isOpen);
  }
  if (pages === undefined) return;
  // One that is gone was of an older build: told as such, also to who has no token.
  addResource(app, '/assets/*', { GET: async (request) => noSuchFile(request) }, isOpen);
  for (const [name, file] of pages.files) {
    const cacheControl = name.startsWith('assets/') ? FOR_EVER : ASK_FIRST;
    addResource(app, `/${name}`, { GET: async (...asked) => sendFile(...asked, file, cacheControl) }, isOpen);
  }
}

/** Serves the plugin of the OpenShift console, which the console fetches without a token (deploy/console). */
export function addPlugin(app: FastifyInstance, files: ReadonlyMap<string, PageFile>): void {
  for (const [name, file] of files) {
    const cacheControl = /[-.][0-9a-f]{16,}\.min\./.test(name) ? FOR_EVER : ASK_FIRST;
    addResource(
      app,
      `/plugin/${name}`,
      { GET: async (...asked) => sendFile(...asked, file, cacheControl) },
      { isOpen: true },
    );
  }
}

/** index.html, for whatever the pages make of the path. */
export function sendIndex(request: FastifyRequest, reply: FastifyReply, pages: Pages | undefined): FastifyReply {
  return pages === undefined ? sendPage(reply, frontPage) : sendFile(request, reply, pages.index, ASK_FIRST);
}

/** Whether a browser looks for a page where the service has no route: the pages tell people that there is nothing. */
export function isForPages({ is404, method, headers }: FastifyRequest, pages: Pages | undefined): boolean {
  const isReading = method === 'GET' || method === 'HEAD';
  return pages !== undefined && is404 && isReading && headers.accept?.includes('text/html') === true;
}

function noSuchFile({ url }: FastifyRequest): never {
  throw new MusterError('NotFound', `There is no file ${url.slice(0, 200)} in the pages; load them again.`);
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: PageFile, cacheControl: string): FastifyReply {
  reply.headers({
    'cache-control': cacheControl,
    'content-security-policy': POLICY,
    etag: file.etag,
    vary: 'accept-encoding',
  });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const [bytes, encoding] = chosen(file, request.headers['accept-encoding'] ?? '');
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.type(file.contentType).send(bytes);
}

/** The smallest form that the reader takes (RFC 9110, 12.5.3). */
function chosen({ bytes, gzip, br }: PageFile, accepted: string): readonly [Buffer, string?] {
  const takes = (coding: string) =>
    new RegExp(`(^|,)\\s*${coding}\\s*(;\\s*q=(?!0(\\.0*)?\\s*(,|$))|,|$)`).test(accepted);
  if (br !== undefined && takes('br')) return [br, 'br'];
  return gzip !== undefined && takes('gzip') ? [gzip, 'gzip'] : [bytes];
}
