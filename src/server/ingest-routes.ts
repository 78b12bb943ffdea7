import type { Server, ServerOptions as TlsOptions } from 'node:https';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import Type from 'typebox';
import {
  type Ingest,
  MOST_CHUNK_BYTES,
  type PackEnd,
  type PackProgress,
  type RunningGather,
} from '../gather/ingest.ts';
import { MusterError } from '../report/errors.ts';
import { quoted } from '../report/refusal.ts';
import type { Store } from '../store/store.ts';
import { answerBrokenRequest, errorForCaller, securityHeaders } from './answer.ts';
import type { IngestAccess } from './ingest-access.ts';
import { type IngestPart, openIngestPart, type Taken } from './ingest-part.ts';
import { uploadOf } from './ingest-upload.ts';

export type IngestServerOptions = {
  readonly access: IngestAccess;
  readonly ingest: Ingest;
  readonly store: Store;
  /** Told of every answer of 500 and above but `NotReady`. The packer learns less. */
  readonly onFailure: (error: unknown, request: FastifyRequest) => void;
  /** Of `https.createServer`: packers hand their tokens to none but a server with a certificate that they know. */
  readonly tls: TlsOptions;
};

/** A thousand lines of says, each of a thousand characters. */
const LONGEST_JSON_BYTES = 4 * 2 ** 20;
const MOST_SAYS = 1000;
const LONGEST_SAY = 1000;
/** Rows of 100,000 events, and the record of some million files (about 200 bytes each). */
const MOST_WHOLE_BYTES = 4 * 2 ** 30;
/** A record of 1 GiB over a line of 20 Mbit/s. Silence within a body ends it long before (ingest-upload.ts). */
const REQUEST_WITHIN_MS = 600_000;
const SILENT_FOR_MS = 120_000;
/** A token of 32 KiB, and what proxies add. */
const LONGEST_HEADERS_BYTES = 64 * 1024;

const progressBody = Type.Object({
  files: Type.Integer({ minimum: 0 }),
  bytes: Type.Integer({ minimum: 0 }),
  says: Type.Array(Type.String({ maxLength: LONGEST_SAY }), { maxItems: MOST_SAYS }),
});
const endBody = Type.Object({
  ...progressBody.properties,
  membersBytes: Type.Integer({ minimum: 0 }),
  complete: Type.Boolean(),
  message: Type.String({ maxLength: LONGEST_SAY }),
});
const chunkParams = Type.Object({ offset: Type.String({ pattern: '^(0|[1-9][0-9]{0,14})$' }) });

type IngestServer = FastifyInstance<Server>;
type Uploading = { readonly gather: RunningGather; readonly part: IngestPart };

/**
 * The service to which packers upload, not listening yet. A packer is known by its pod alone: nothing that it says tells
 * which gather it uploads for. Errors are `{"code", "message"}`; every answer says whether the gather has ended, and why
 * it shall stop.
 */
export function createIngestServer(options: IngestServerOptions): IngestServer {
  const { access, ingest, store, onFailure, tls } = options;
  const parts = new WeakMap<RunningGather, IngestPart>();
  const uploads = new WeakMap<FastifyRequest, Uploading>();
  const partOf = (gather: RunningGather): IngestPart => {
    const part = parts.get(gather) ?? openIngestPart(store, gather);
    parts.set(gather, part);
    return part;
  };
  const answerError = async (error: unknown, request: FastifyRequest, reply: FastifyReply, more: object = {}) => {
    const told = errorForCaller(error);
    if (told.httpStatus >= 500 && told.code !== 'NotReady') onFailure(error, request);
    if (told.httpStatus === 401) reply.header('www-authenticate', 'Bearer');
    if (told.code === 'NotReady') reply.header('retry-after', '1');
    if (told.code === 'DestinationFailed') uploads.get(request)?.gather.refused(error);
    const { code, message } = told;
    const state = stateOf(uploads.get(request)?.gather);
    return reply
      .code(told.httpStatus)
      .headers(securityHeaders)
      .send({ code, message, ...more, ...state });
  };
  const app: IngestServer = Fastify({
    https: { ...tls, maxHeaderSize: LONGEST_HEADERS_BYTES },
    bodyLimit: LONGEST_JSON_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    connectionTimeout: SILENT_FOR_MS,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  });
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const pod = await access.identify(request.headers, request.signal);
    const gather = ingest.running(pod);
    // Not here, which need not mean nowhere: another replica may lead, or this one may have begun a moment ago.
    if (gather === undefined) throw new MusterError('NotHere', `No gather of pod ${quoted(pod.name)} runs from here.`);
    // A large part takes minutes to bring, and its packer says nothing else meanwhile.
    gather.seen();
    uploads.set(request, { gather, part: partOf(gather) });
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler(async (request) => {
    throw new MusterError('NotFound', `There is nothing at ${quoted(request.url)}.`);
  });
  const uploading = (request: FastifyRequest): Uploading => {
    const found = uploads.get(request);
    if (found === undefined) throw new Error('the request reached its handler without access');
    return found;
  };
  const answerTaken = async (request: FastifyRequest, reply: FastifyReply, { taken, membersBytes }: Taken) => {
    if (taken) return { membersBytes, ...stateOf(uploading(request).gather) };
    const error = new MusterError('Conflict', `The part's members have ${membersBytes} bytes here: go on from there.`);
    return answerError(error, request, reply, { membersBytes });
  };

  app.post('/ingest/hello', async (request) => {
    const { gather, part } = uploading(request);
    const prefix = gather.prefix();
    if (prefix === undefined) throw new MusterError('NotReady', "The gather's folder is not known yet.");
    const { sourceDir, volumePercentage: volumeLimitPercentage } = gather;
    const membersBytes = await part.membersBytes();
    return { prefix, sourceDir, membersBytes, volumeLimitPercentage, ...stateOf(gather) };
  });
  app.put<{ Params: { offset: string } }>(
    '/ingest/members/:offset',
    { schema: { params: chunkParams } },
    async (request, reply) => {
      const { gather, part } = uploading(request);
      const upload = uploadOf(request, MOST_CHUNK_BYTES, gather.seen);
      return answerTaken(request, reply, await part.putChunk(Number(request.params.offset), upload));
    },
  );
  for (const name of ['record', 'events'] as const) {
    app.put(`/ingest/${name}`, async (request) => {
      const { gather, part } = uploading(request);
      await part.putWhole(name, uploadOf(request, MOST_WHOLE_BYTES, gather.seen));
      return stateOf(gather);
    });
  }
  app.post<{ Body: PackProgress }>('/ingest/progress', { schema: { body: progressBody } }, async (request) => {
    const { gather } = uploading(request);
    gather.heard(request.body);
    return stateOf(gather);
  });
  app.post<{ Body: PackEnd }>('/ingest/end', { schema: { body: endBody } }, async (request, reply) => {
    const { gather, part } = uploading(request);
    const taken = await part.putEnd(request.body);
    // Also when it was stored before: whoever asks again may be asking a process that did not hear it.
    if (taken.taken) gather.ended(request.body);
    return answerTaken(request, reply, taken);
  });
  return app;
}

function stateOf(gather: RunningGather | undefined): { ended?: boolean; stop?: string } {
  if (gather === undefined) return {};
  const stop = gather.stopReason();
  return { ended: gather.isEnded(), ...(stop === undefined ? {} : { stop }) };
}
