import type { Server as TlsServer } from 'node:tls';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { MusterError } from '../report/errors.ts';
import { quoted } from '../report/refusal.ts';
import type { Overview } from '../report/rest-overview.ts';
import type { Access, Caller } from './access.ts';
import { createAfterFailure } from './after-failure.ts';
import { answerBrokenRequest, errorForCaller, securityHeaders, sendError } from './answer.ts';
import { addClusterRoutes, type Components } from './cluster-routes.ts';
import { addDocsRoutes } from './docs-routes.ts';
import { addEventsRoute } from './events-route.ts';
import { addHealthRoutes, type Ready } from './health-routes.ts';
import { createLongAnswers } from './long-answers.ts';
import type { Metrics } from './metrics.ts';
import { addMetricsRoute, measureRequests } from './metrics-route.ts';
import { addPages, addPlugin, isForPages, sendIndex } from './page-routes.ts';
import type { PageFile, Pages } from './pages.ts';
import { type AuditEntry, addReportRoutes } from './report-routes.ts';
import type { Reports } from './reports.ts';
import { readBodies } from './request-spec.ts';
import { addSessionRoutes } from './session-routes.ts';
import { createSignedInAccess, type SignIn } from './sign-in.ts';
import type { ServerTls } from './tls.ts';

export type ServerOptions = {
  readonly reports: Reports;
  /** Asked before anything else of a request, also where there is no such route; open routes do without. */
  readonly access: Access;
  /** Asked instead where Prometheus reads; `access` unless told. */
  readonly metricsAccess?: Access | undefined;
  /** How browsers show who sits before them. */
  readonly signIn: SignIn;
  /** The built pages, where they were built. */
  readonly pages?: Pages | undefined;
  /** The built plugin of the OpenShift console, where it was built. */
  readonly plugin?: ReadonlyMap<string, PageFile> | undefined;
  /** Without, plain HTTP. */
  readonly tls?: ServerTls | undefined;
  readonly ready: Ready;
  readonly components: Components;
  /** How the cluster is, for the dashboard. */
  readonly overview: () => Promise<Overview>;
  readonly metrics: Metrics;
  readonly audit: (entry: AuditEntry) => void;
  /** Told of every answer of 500 and above, and of answers that broke off. The caller learns less. */
  readonly onFailure: (error: unknown, request: FastifyRequest) => void;
};

// A spec with every field at its longest is about 180 KiB, and more where JSON escapes it.
const LONGEST_BODY_BYTES = 512 * 1024;
/** Room for a token of 32 KiB (access.ts) and a proxy's headers. */
const LONGEST_HEADERS_BYTES = 64 * 1024;
const REQUEST_WITHIN_MS = 30_000;
/** A download whose reader takes nothing for so long has ended. */
const SILENT_FOR_MS = 120_000;
/** A custom name of 253 characters, each as 4 bytes in percent encoding. */
const LONGEST_KEY = 253 * 12;

/** The REST service, not listening yet: `await server.listen({ host, port })`, and `drain` at its end. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { reports, access, signIn, pages, ready, components, overview, metrics, audit, onFailure, tls } = options;
  const answerError = async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const told = errorForCaller(error);
    if (told.httpStatus >= 500) onFailure(error, request);
    return sendError(reply, told);
  };
  const common: FastifyServerOptions = {
    bodyLimit: LONGEST_BODY_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    connectionTimeout: SILENT_FOR_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: LONGEST_KEY, ignoreTrailingSlash: true },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      void answerError(error, request, reply);
    },
  };
  const maxHeaderSize = LONGEST_HEADERS_BYTES;
  // The routes are the same over both; Fastify's types tell the two servers apart, which nothing here needs.
  const transport = tls === undefined ? { http: { maxHeaderSize } } : { https: { ...tls.options(), maxHeaderSize } };
  const app = Fastify({ ...common, ...transport } as FastifyServerOptions);
  if (tls !== undefined) tls.attach(app.server as unknown as TlsServer);
  const callers = new WeakMap<FastifyRequest, Caller>();
  const afterFailure = createAfterFailure(metrics);
  const signedIn = createSignedInAccess(access, signIn);
  const signedInForMetrics = createSignedInAccess(options.metricsAccess ?? access, signIn);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const { isOpen, isForMetrics } = request.routeOptions.config;
    if (isOpen === true || isForPages(request, pages)) return;
    try {
      callers.set(request, await (isForMetrics ? signedInForMetrics : signedIn).authorizeRequest(request));
    } catch (error) {
      throw afterFailure(error, request, reply, signedIn.bringsToken(request.headers));
    }
  });
  measureRequests(app, metrics);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(async (request, reply) => {
    if (isForPages(request, pages)) return sendIndex(request, reply, pages);
    throw new MusterError('NotFound', `There is nothing at ${quoted(request.url)}.`);
  });
  readBodies(app);
  const callerOf = (request: FastifyRequest): Caller => {
    const caller = callers.get(request);
    if (caller === undefined) throw new Error('the request reached its handler without access');
    return caller;
  };
  addPages(app, pages);
  addPlugin(app, options.plugin ?? new Map());
  addSessionRoutes(app, { signIn, access, signedIn, afterFailure, pages });
  addDocsRoutes(app);
  addHealthRoutes(app, ready);
  addMetricsRoute(app, metrics);
  addClusterRoutes(app, { components, overview, callerOf });
  const longAnswers = createLongAnswers(app, { access: signedIn, onFailure });
  addEventsRoute(app, { reports, longAnswers });
  addReportRoutes(app, { reports, callerOf, audit, onFailure, longAnswers });
  return app;
}

type Drained = { readonly server: { closeAllConnections(): void }; close(): PromiseLike<unknown> };

/**
 * Ends the service: takes no new connections, lets answers on their way come to an end for `withinMs`, then cuts them. A
 * connection on which nothing was ever asked would hold a mere `close()` up for a minute.
 */
export async function drain(app: Drained, withinMs: number): Promise<void> {
  const deadline = setTimeout(() => app.server.closeAllConnections(), withinMs);
  try {
    await app.close();
  } finally {
    clearTimeout(deadline);
  }
}
