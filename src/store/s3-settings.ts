import { proxyAgentOptions } from '../kube/proxy.ts';
import { MusterError } from '../report/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where an S3 store is and how it is spoken to; who asks is in s3-credentials.ts. */
export type S3Settings = {
  readonly bucket: string;
  /** Without a `/` at its ends. */
  readonly prefix: string;
  readonly region: string;
  /** Absent: AWS. */
  readonly endpoint?: string;
  /** `ENDPOINT/BUCKET/KEY`, not `BUCKET.ENDPOINT/KEY`. */
  readonly isPathStyle: boolean;
  /** PEM; trusted besides the certificates that Node knows. */
  readonly caFile?: string;
  /** For the agents of node:http: the proxy of HTTPS_PROXY or HTTP_PROXY, if that is the way. */
  readonly proxy: { readonly proxyEnv?: Record<string, string> };
};

const scheme = 's3://';
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const locationForm =
  /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([A-Za-z0-9_-][A-Za-z0-9._/-]*[A-Za-z0-9_-]|[A-Za-z0-9_-])\/?$/;

export function isS3Location(location: string): boolean {
  return location.startsWith(scheme);
}

/** The settings out of `s3://BUCKET/PREFIX` and the environment; `InvalidInput` names what is wrong. */
export function s3Settings(location: string, env: Environment): S3Settings {
  const [, bucket, prefix] = locationForm.exec(location) ?? [];
  if (!bucket || !prefix || /(^|\/)(\.|\/|$)/.test(prefix)) {
    // Without a prefix, uploads of others in the bucket would be swept as Muster's own.
    throw new MusterError('InvalidInput', `${JSON.stringify(location)} is not s3://BUCKET/PREFIX`, {
      field: '--store',
    });
  }
  const given = env.MUSTER_S3_ENDPOINT || env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const endpoint = given ? checkedEndpoint(given) : undefined;
  const caFile = env.MUSTER_S3_CA_FILE;
  const region = env.MUSTER_S3_REGION || env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1';
  return {
    bucket,
    prefix,
    region,
    proxy: proxyAgentOptions(endpoint ?? `https://s3.${region}.amazonaws.com`, env),
    ...(endpoint ? { endpoint } : {}),
    isPathStyle: flag(env, 'MUSTER_S3_PATH_STYLE') ?? Boolean(endpoint),
    ...(caFile ? { caFile } : {}),
  };
}

function checkedEndpoint(endpoint: string): string {
  const url = URL.parse(endpoint);
  const isPlain = url !== null && !url.username && !url.password && !url.search && !url.hash;
  if (isPlain && (url.protocol === 'https:' || url.protocol === 'http:')) return endpoint;
  // Not repeated in the message: a URL with a password in it is what may be wrong.
  const message =
    'the S3 endpoint must be http://HOST:PORT or https://HOST:PORT, without a user, a query or a fragment';
  throw new MusterError('InvalidInput', message, { field: 'MUSTER_S3_ENDPOINT' });
}

function flag(env: Environment, name: string): boolean | undefined {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new MusterError('InvalidInput', `${name} is ${JSON.stringify(value)}, neither true nor false`, { field: name });
}
