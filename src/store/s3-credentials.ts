import { readFile } from 'node:fs/promises';
import { MusterError, messageOf } from '../report/errors.ts';
import type { Environment } from './s3-settings.ts';

/** A mounted Secret that was changed is read again within this time; the client asks five minutes before the end. */
const freshMs = 10 * 60_000;

type Identity = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration: Date;
};

export type S3Credentials = {
  /** Absent: what the AWS SDK finds itself, such as a web identity or the instance's role. */
  readonly provide?: () => Promise<Identity>;
  /** The text without any of the values that `provide` gave. */
  redact(text: string): string;
};

/**
 * Credentials of `MUSTER_S3_ACCESS_KEY_ID`, `MUSTER_S3_SECRET_ACCESS_KEY` and `MUSTER_S3_SESSION_TOKEN`, each of them
 * with `_FILE` the path of a file instead, else of the same names with `AWS_` and no files. `InvalidInput` for half of
 * a pair, `ConflictingInput` for a value and a file.
 */
export function s3Credentials(env: Environment, nowMs: () => number): S3Credentials {
  const own = named(env, 'MUSTER_S3_');
  const source = own.accessKeyId || own.secretAccessKey ? own : named(env, 'AWS_');
  const { accessKeyId, secretAccessKey, sessionToken } = source;
  if (!accessKeyId && !secretAccessKey) return { redact: (text) => text };
  if (!accessKeyId || !secretAccessKey) {
    const message = 'an access key ID and a secret access key of the S3 store belong together: one is not given';
    throw new MusterError('InvalidInput', message, { field: 'MUSTER_S3_ACCESS_KEY_ID' });
  }
  const given = new Set<string>();
  const read = async (value: () => Promise<string>): Promise<string> => {
    const text = await value();
    given.add(text);
    return text;
  };
  return {
    provide: async () => ({
      accessKeyId: await read(accessKeyId),
      secretAccessKey: await read(secretAccessKey),
      ...(sessionToken ? { sessionToken: await read(sessionToken) } : {}),
      expiration: new Date(nowMs() + freshMs),
    }),
    redact: (text) => [...given].reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text),
  };
}

function named(env: Environment, start: 'MUSTER_S3_' | 'AWS_') {
  const hasFiles = start === 'MUSTER_S3_';
  return {
    accessKeyId: value(env, `${start}ACCESS_KEY_ID`, hasFiles),
    secretAccessKey: value(env, `${start}SECRET_ACCESS_KEY`, hasFiles),
    sessionToken: value(env, `${start}SESSION_TOKEN`, hasFiles),
  };
}

function value(env: Environment, name: string, hasFile: boolean): (() => Promise<string>) | undefined {
  const text = env[name];
  const path = hasFile ? env[`${name}_FILE`] : undefined;
  if (text && path)
    throw new MusterError('ConflictingInput', `${name} and ${name}_FILE are both given`, { field: name });
  if (text) return async () => text;
  if (path) return () => readSecret(`${name}_FILE`, path);
  return undefined;
}

async function readSecret(name: string, path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new MusterError('StoreUnavailable', `cannot read ${name}: ${messageOf(error)}`, { cause: error });
  });
  const secret = text.trim();
  if (secret) return secret;
  throw new MusterError('StoreUnavailable', `cannot read ${name}: ${path} is empty`);
}
