import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export type S3Request = {
  readonly method: string;
  readonly path: string;
  /** Empty: the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

/** What is answered in place of the server: an error, or the XML of a success. */
export type S3Answer = {
  readonly status: number;
  readonly code: string;
  readonly message?: string;
  readonly xml?: string;
};

export type Forwarded = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
};

/** What S3 does and s3rver does not. */
export type S3Rules = {
  /** The answer that the server behind would not give; undefined where it may answer itself. */
  answer(asked: S3Request): Promise<S3Answer | undefined>;
  /** Has the server behind answer. Objects change one after another: s3rver writes over them in place. */
  forward(asked: S3Request): Promise<Forwarded>;
  uploads(): string[];
};

const mib = 1024 * 1024;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html and API_UploadPartCopy */
const leastPartBytes = 5 * mib;
const mostCopyBytes = 5 * 1024 * mib;
const mostParts = 10_000;
/** Pages are small here, so that whoever lists meets several. */
const pageSize = 3;

type Part = { sizeBytes: number; etag: string };
type Upload = { readonly key: string; readonly begun: string; readonly parts: Map<number, Part> };

export function createS3Rules(port: number): S3Rules {
  const uploads = new Map<string, Upload>();
  const changes = new Map<string, Promise<void>>();

  async function ask(asked: S3Request): Promise<IncomingMessage> {
    const { expect: _, ...headers } = asked.headers;
    const path = `${asked.path}${asked.query.size > 0 ? `?${asked.query}` : ''}`;
    const outgoing = request({ host: '127.0.0.1', port, method: asked.method, path, headers });
    outgoing.end(asked.body);
    const [response] = await once(outgoing, 'response');
    return response as IncomingMessage;
  }

  /** Size and ETag of an object, undefined when there is none. */
  async function head(path: string): Promise<Part | undefined> {
    const none = Buffer.alloc(0);
    const query = new URLSearchParams();
    const response = await ask({ method: 'HEAD', path, key: '', query, headers: {}, body: none });
    response.resume();
    if (response.statusCode !== 200) return undefined;
    return { sizeBytes: Number(response.headers['content-length']), etag: response.headers.etag ?? '' };
  }

  async function refuseCopy(asked: S3Request): Promise<S3Answer | undefined> {
    const { headers } = asked;
    const source = await head(`/${String(headers['x-amz-copy-source']).replace(/^\//, '')}`);
    if (!source) return { status: 404, code: 'NoSuchKey' };
    const match = headers['x-amz-copy-source-if-match'];
    if (match !== undefined && match !== source.etag) return { status: 412, code: 'PreconditionFailed' };
    const [, from, to] = copiedRange(asked);
    const sizeBytes = from === undefined ? source.sizeBytes : Number(to) - Number(from) + 1;
    const isRangeOfSmall = from !== undefined && source.sizeBytes <= leastPartBytes;
    return isRangeOfSmall || sizeBytes > mostCopyBytes ? { status: 400, code: 'InvalidRequest' } : undefined;
  }

  function refuseCompletion(upload: Upload, body: string): S3Answer | undefined {
    const listed = [...body.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
      number: Number(/<PartNumber>(\d+)/.exec(part)?.[1]),
      etag: /<ETag>(.*?)<\/ETag>/.exec(part)?.[1]?.replaceAll('&quot;', '"'),
    }));
    const parts = listed.map(({ number }) => upload.parts.get(number));
    const bad = (code: string) => ({ status: 400, code });
    if (listed.some(({ number }, n) => n > 0 && number <= (listed[n - 1]?.number ?? 0))) return bad('InvalidPartOrder');
    if (listed.some(({ etag }, n) => etag !== parts[n]?.etag) || listed.length === 0) return bad('InvalidPart');
    if (parts.slice(0, -1).some((part) => (part?.sizeBytes ?? 0) < leastPartBytes)) return bad('EntityTooSmall');
    return undefined;
  }

  function listUploads(query: URLSearchParams): S3Answer {
    const after = `${query.get('key-marker') ?? ''} ${query.get('upload-id-marker') ?? ''}`;
    const items = [...uploads].map(([id, { key, begun }]) => ({
      place: `${key} ${id}`,
      xml: `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begun}</Initiated></Upload>`,
    }));
    const below = items.filter(({ place }) => place.startsWith(query.get('prefix') ?? ''));
    return page('ListMultipartUploadsResult', below, after, (last) => {
      const [key, id] = last.split(' ');
      return `<NextKeyMarker>${key}</NextKeyMarker><NextUploadIdMarker>${id}</NextUploadIdMarker>`;
    });
  }

  /** s3rver's own tokens for the next page need a cipher that OpenSSL 3 no longer has. */
  async function listObjects(asked: S3Request): Promise<S3Answer | undefined> {
    const query = new URLSearchParams(asked.query);
    for (const name of ['max-keys', 'continuation-token']) query.delete(name);
    const response = await ask({ ...asked, query });
    const text = (await buffer(response)).toString();
    if (response.statusCode !== 200) return undefined;
    const items = [...text.matchAll(/<Contents>.*?<Key>(.*?)<\/Key>.*?<\/Contents>/gs)];
    const found = items.map(([xml, place = '']) => ({ place, xml }));
    return page('ListBucketResult', found, asked.query.get('continuation-token') ?? '', (last) => {
      return `<NextContinuationToken>${last}</NextContinuationToken>`;
    });
  }

  async function answer(asked: S3Request): Promise<S3Answer | undefined> {
    const { method, query } = asked;
    if (method === 'GET' && query.has('uploads')) return listUploads(query);
    if (method === 'GET' && query.has('list-type')) return await listObjects(asked);
    const id = query.get('uploadId');
    return id === null ? undefined : await answerUpload(id, asked);
  }

  async function answerUpload(id: string, asked: S3Request): Promise<S3Answer | undefined> {
    const upload = uploads.get(id);
    if (!upload) return { status: 404, code: 'NoSuchUpload' };
    if (asked.method === 'POST') return refuseCompletion(upload, asked.body.toString());
    if (asked.method === 'DELETE') {
      uploads.delete(id);
      return { status: 204, code: '' };
    }
    const number = Number(asked.query.get('partNumber'));
    if (!(number >= 1 && number <= mostParts)) return { status: 400, code: 'InvalidArgument' };
    return asked.headers['x-amz-copy-source'] === undefined ? undefined : await refuseCopy(asked);
  }

  /** Remembers the uploads that were begun and ended, and their parts. */
  function note(asked: S3Request, response: IncomingMessage, body: string): void {
    const { method, query, key } = asked;
    const id = query.get('uploadId');
    if (response.statusCode !== 200) return;
    if (method === 'POST' && query.has('uploads')) {
      const [, begunId = ''] = /<UploadId>(.*?)<\/UploadId>/.exec(body) ?? [];
      uploads.set(begunId, { key, begun: new Date().toISOString(), parts: new Map() });
    }
    if (method === 'POST' && id) uploads.delete(id);
    const upload = method === 'PUT' && id ? uploads.get(id) : undefined;
    upload?.parts.set(Number(query.get('partNumber')), partOf(asked, response, body));
  }

  async function forward(asked: S3Request): Promise<Forwarded> {
    if (asked.method === 'GET' || asked.method === 'HEAD') return forwarded(await ask(asked));
    const before = changes.get(asked.key);
    const turn = Promise.withResolvers<void>();
    changes.set(asked.key, turn.promise);
    await before;
    try {
      const response = await ask(asked);
      const body = await buffer(response);
      note(asked, response, body.toString());
      return { ...forwarded(response), body: [body] };
    } finally {
      turn.resolve();
    }
  }

  return { answer, forward, uploads: () => [...uploads.values()].map((upload) => upload.key) };
}

function forwarded(response: IncomingMessage): Forwarded {
  return { status: response.statusCode ?? 500, headers: response.headers, body: response };
}

function partOf(asked: S3Request, response: IncomingMessage, body: string): Part {
  const [, from, to] = copiedRange(asked);
  const [, copied] = /<ETag>(.*?)<\/ETag>/.exec(body) ?? [];
  const etag = copied?.replaceAll('&quot;', '"') ?? response.headers.etag ?? '';
  return { sizeBytes: from === undefined ? asked.body.length : Number(to) - Number(from) + 1, etag };
}

function copiedRange({ headers }: S3Request): RegExpExecArray | [] {
  return /^bytes=(\d+)-(\d+)$/.exec(String(headers['x-amz-copy-source-range'] ?? '')) ?? [];
}

/** The next few of the items after a place, in order. */
function page(
  name: string,
  items: { place: string; xml: string }[],
  after: string,
  next: (last: string) => string,
): S3Answer {
  const rest = items.filter(({ place }) => place > after).sort((a, b) => (a.place < b.place ? -1 : 1));
  const shown = rest.slice(0, pageSize);
  const isTruncated = rest.length > shown.length;
  const marker = isTruncated ? next(shown.at(-1)?.place ?? '') : '';
  const listed = shown.map((item) => item.xml).join('');
  const xml = `<${name}><IsTruncated>${isTruncated}</IsTruncated>${marker}${listed}</${name}>`;
  return { status: 200, code: '', xml };
}
