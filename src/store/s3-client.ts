import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { S3Client } from '@aws-sdk/client-s3';
import { MusterError, messageOf } from '../report/errors.ts';
import { checkKey } from './object-key.ts';
import type { S3Credentials } from './s3-credentials.ts';
import { storeError } from './s3-errors.ts';
import type { S3Settings } from './s3-settings.ts';

const connectMs = 5000;
/** A server that says nothing for so long is gone. Copying a part of 1 GiB may take some seconds of silence. */
const silenceMs = 60_000;
/** With the client's pauses, which double from 100 ms, a server that is down is given up within some seconds. */
const mostAttempts = 4;

export type S3Call<T> = (client: S3Client, options: { abortSignal?: AbortSignal }) => Promise<T>;

/** A bucket's prefix, and how to ask for what is below it. */
export type S3 = {
  readonly bucket: string;
  /** Of the objects' names in the bucket, with a `/` at its end. */
  readonly prefix: string;
  /** The name in the bucket of the object under a key; `InvalidInput` for what is no key. */
  nameOf(key: string): string;
  /** Asks, again where that may help; a failure is a `MusterError` of s3-errors.ts, or the signal's reason. */
  ask<T>(verb: string, name: string, call: S3Call<T>, signal?: AbortSignal): Promise<T>;
  close(): void;
};

export async function connectS3(
  settings: S3Settings,
  credentials: S3Credentials,
  say: (line: string) => void,
): Promise<S3> {
  const { bucket, region, endpoint, isPathStyle, caFile, proxy } = settings;
  // Those of NODE_EXTRA_CA_CERTS among them.
  const ca = caFile ? { ca: [...getCACertificates('default'), await readCa(caFile)] } : {};
  const client = new S3Client({
    region,
    ...(endpoint ? { endpoint } : {}),
    ...(credentials.provide ? { credentials: credentials.provide } : {}),
    forcePathStyle: isPathStyle,
    maxAttempts: mostAttempts,
    // Other servers than AWS refuse the newer checksums; the signature covers a body's SHA-256.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: silenceMs,
      logger: { trace: ignore, debug: ignore, info: ignore, warn: say, error: say },
      httpsAgent: { ...ca, ...proxy },
      httpAgent: proxy,
    },
  });
  const prefix = `${settings.prefix}/`;
  return {
    bucket,
    prefix,
    nameOf: (key) => {
      checkKey(key);
      return `${prefix}${key}`;
    },
    ask: async (verb, name, call, signal) => {
      try {
        return await call(client, signal ? { abortSignal: signal } : {});
      } catch (error) {
        signal?.throwIfAborted();
        throw storeError({ verb, place: `s3://${bucket}/${name}`, redact: credentials.redact }, error);
      }
    },
    close: () => client.destroy(),
  };
}

/** The same call, but where S3 refuses it by this name (of its error), `instead` is the answer. */
export function or<T, const I>(instead: I, refusal: string, call: S3Call<T>): S3Call<T | I> {
  return async (client, options) => {
    try {
      return await call(client, options);
    } catch (error) {
      if (error instanceof Error && error.name === refusal) return instead;
      throw error;
    }
  };
}

function ignore(): void {
  // What the client tells of its doings below a warning is nobody's business.
}

async function readCa(caFile: string): Promise<string> {
  return await readFile(caFile, 'utf8').catch((error: unknown) => {
    const message = `cannot read the certificates of the S3 endpoint: ${messageOf(error)}`;
    throw new MusterError('InvalidInput', message, { field: 'MUSTER_S3_CA_FILE', cause: error });
  });
}
