import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MusterError } from '../report/errors.ts';
import { frontPage } from './front-page.ts';
import { sendPage } from './page.ts';
import type { Coding, PageFile, Pages } from './pages.ts';
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
  addFolder(app, 'assets/', pages.files, () => FOR_EVER);
  for (const [name, file] of pages.files) {
    if (name.startsWith('assets/')) continue;
    addResource(app, `/${name}`, { GET: async (...asked) => sendFile(...asked, file, ASK_FIRST) }, isOpen);
  }
}

/** Serves the plugin of the OpenShift console, which the console fetches without a token (deploy/console). */
export function addPlugin(app: FastifyInstance, files: ReadonlyMap<string, PageFile>): void {
  if (files.size === 0) return;
  const named = new Map([...files].map(([name, file]) => [`plugin/${name}`, file]));
  addFolder(app, 'plugin/', named, (name) => (/[-.][0-9a-f]{16,}\.min\./.test(name) ? FOR_EVER : ASK_FIRST));
}

/** One route for all of a folder: a route of its own for each of 250 files took 10 MB. */
function addFolder(
  app: FastifyInstance,
  folder: string,
  files: ReadonlyMap<string, PageFile>,
  cacheControlOf: (name: string) => string,
): void {
  const GET = async (request: FastifyRequest, reply: FastifyReply) => {
    const name = folder + (request.params as { '*': string })['*'];
    const file = files.get(name);
    // One that is gone was of an older build: told as such, also to who has no token.
    return file === undefined ? noSuchFile(request) : await sendFile(request, reply, file, cacheControlOf(name));
  };
  addResource(app, `/${folder}*`, { GET }, { isOpen: true });
}

/** index.html, for whatever the pages make of the path. */
export async function sendIndex(
  request: FastifyRequest,
  reply: FastifyReply,
  pages: Pages | undefined,
): Promise<FastifyReply> {
  return pages === undefined ? sendPage(reply, frontPage) : await sendFile(request, reply, pages.index, ASK_FIRST);
}

/** Whether a browser looks for a page where the service has no route: the pages tell people that there is nothing. */
export function isForPages({ is404, method, headers }: FastifyRequest, pages: Pages | undefined): boolean {
  const isReading = method === 'GET' || method === 'HEAD';
  return pages !== undefined && is404 && isReading && headers.accept?.includes('text/html') === true;
}

function noSuchFile({ url }: FastifyRequest): never {
  throw new MusterError('NotFound', `There is no file ${url.slice(0, 200)} in the pages; load them again.`);
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: PageFile,
  cacheControl: string,
): Promise<FastifyReply> {
  reply.headers({
    'cache-control': cacheControl,
    'content-security-policy': POLICY,
    etag: file.etag,
    vary: 'accept-encoding',
  });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const coding = chosen(file, request.headers['accept-encoding'] ?? '');
  if (coding !== undefined) reply.header('content-encoding', coding);
  return reply.type(file.contentType).send(await file.read(coding));
}

/** The smallest form that the reader takes (RFC 9110, 12.5.3). */
function chosen({ codings }: PageFile, accepted: string): Coding {
  const takes = (coding: string) =>
    new RegExp(`(^|,)\\s*${coding}\\s*(;\\s*q=(?!0(\\.0*)?\\s*(,|$))|,|$)`).test(accepted);
  return codings.find((coding) => coding === undefined || takes(coding));
}
