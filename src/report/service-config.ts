import { durationMs, parsePositiveDuration } from './duration.ts';
import { MusterError } from './errors.ts';
import { parseImageReference } from './image-reference.ts';
import { parseDnsLabel, parseDnsSubdomain } from './names.ts';
import { invalidInput, quoted } from './refusal.ts';
import { type ServiceSettingName, serviceSettings, variableOf } from './service-settings.ts';
import { parseServiceUrl } from './service-url.ts';
import { parseSize } from './size.ts';

/** A host name or IP address (IPv6 without brackets) and a port, 0 for any that is free. */
export type HostPort = { readonly host: string; readonly port: number };

/** How `muster serve` was told to run; every value is checked as far as that can be done without looking anywhere. */
export type ServiceConfig = {
  readonly listen: HostPort;
  /** `http` only with `auth: 'none'` and no certificate; `createOpenAccess` holds that to loopback. */
  readonly scheme: 'http' | 'https';
  readonly auth: 'token' | 'none';
  /** In lower case, with `auth: 'token'`. Undefined: the pages have a login page. */
  readonly proxyTokenHeader: string | undefined;
  /** Undefined: Muster makes its own where it needs one. */
  readonly tlsFiles: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** Undefined: no packer is started, everything is copied by exec. */
  readonly ingest: { readonly listen: HostPort; readonly url: string } | undefined;
  /** Without a slash at its end. */
  readonly publicUrl: string | undefined;
  /** A folder, or `s3://BUCKET/PREFIX`: `openStore` takes it. */
  readonly store: string;
  readonly storeReserveBytes: number;
  /** Limits of retention; what is absent does not limit. */
  readonly keep: { readonly maxBytes?: number; readonly maxCount?: number; readonly maxAgeMs?: number };
  readonly clusterName: string | undefined;
  readonly alertmanager: { readonly url: string; readonly caFile: string | undefined } | undefined;
  readonly namespace: string;
  readonly leaseName: string;
  readonly defaultImage: string | undefined;
  readonly packImage: string | undefined;
  readonly gathers: number;
  readonly logLevel: LogLevel;
};

/** From what is said most to what is said least. */
export const LOG_LEVELS = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type ServiceConfigInput = {
  /** By the names of the settings: `{ 'tls-cert': 'a.pem' }`. */
  readonly flags: Readonly<Partial<Record<string, string>>>;
  readonly env: Readonly<Partial<Record<string, string>>>;
  /** Where the server's own pod is; undefined outside a cluster. */
  readonly podNamespace: string | undefined;
};

/** What a setting was told to be, and by whom. */
type Given = { readonly value: string; readonly source: 'flag' | 'environment' | 'default'; readonly field: string };

const AUTHS = ['token', 'none'] as const;
const MOST_GATHERS = 100;
const MOST_ARCHIVES = 1_000_000;

/**
 * The configuration out of flags, then the environment, then defaults; an empty value counts as none. Throws MusterError
 * InvalidInput or ConflictingInput, with `field` the flag or the variable that was refused.
 */
export function readServiceConfig(input: ServiceConfigInput): ServiceConfig {
  const { optional, required } = reader(input);
  const listen = required('listen', parseHostPort);
  const auth = required('auth', oneOf(AUTHS));
  const certificateFile = optional('tls-cert', asItIs);
  const keyFile = optional('tls-key', asItIs);
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    const [lacking, given] = keyFile === undefined ? ['--tls-key', '--tls-cert'] : ['--tls-cert', '--tls-key'];
    throw invalidInput(lacking, `it goes with ${given}, which is given`);
  }
  const tlsFiles = certificateFile === undefined || keyFile === undefined ? undefined : { certificateFile, keyFile };
  const namespace = optional('namespace', parseDnsLabel) ?? (input.podNamespace || 'muster');
  return {
    listen,
    scheme: auth === 'none' && tlsFiles === undefined ? 'http' : 'https',
    auth,
    proxyTokenHeader: readProxyHeader(auth, optional('proxy-token-header', parseHeaderName)),
    tlsFiles,
    ingest: readIngest(listen, optional('ingest-listen', parseHostPort), optional('ingest-url', httpsUrl), namespace),
    publicUrl: optional('public-url', httpUrl),
    store: required('store', parseStore),
    storeReserveBytes: required('store-reserve', parseSize),
    keep: readKeep(optional),
    clusterName: optional('cluster-name', parseTitle),
    alertmanager: readAlertmanager(optional('alertmanager', httpUrl), optional('alertmanager-ca', asItIs)),
    namespace,
    leaseName: required('replicas-lease', parseDnsSubdomain),
    defaultImage: optional('default-image', parseImage),
    packImage: optional('pack-image', parseImage),
    gathers: required('gathers', wholeNumber(MOST_GATHERS)),
    logLevel: required('log-level', oneOf(LOG_LEVELS)),
  };
}

/**
 * Every setting with its value and where that came from, for the log at the start. None is a secret: those come from
 * files and variables of their own, and URLs that hold one are refused by `readServiceConfig`.
 */
export function describeServiceConfig(input: ServiceConfigInput): Record<string, string> {
  return Object.fromEntries(
    serviceSettings.map(({ name, fallback }) => {
      const given = find(input, name);
      return [name, given === undefined ? fallback : `${given.value} (${given.source})`];
    }),
  );
}

type Parse<T> = (text: string, field: string) => T;
type Optional = <T>(name: ServiceSettingName, parse: Parse<T>) => T | undefined;

function reader(input: ServiceConfigInput) {
  const optional: Optional = <T>(name: ServiceSettingName, parse: Parse<T>): T | undefined => {
    const given = find(input, name);
    return given === undefined ? undefined : parse(given.value, given.field);
  };
  const required = <T>(name: ServiceSettingName, parse: Parse<T>): T => {
    const value = optional(name, parse);
    if (value === undefined) throw new Error(`the setting ${name} has no default`);
    return value;
  };
  return { optional, required };
}

function find({ flags, env }: ServiceConfigInput, name: ServiceSettingName): Given | undefined {
  const flag = flags[name];
  if (flag !== undefined && flag !== '') return { value: flag, source: 'flag', field: `--${name}` };
  const field = variableOf(name);
  const variable = env[field];
  if (variable !== undefined && variable !== '') return { value: variable, source: 'environment', field };
  const fallback = serviceSettings.find((setting) => setting.name === name)?.fallback ?? '[';
  return fallback.startsWith('[') ? undefined : { value: fallback, source: 'default', field: `--${name}` };
}

function readKeep(optional: Optional): ServiceConfig['keep'] {
  const maxBytes = optional('keep-max-bytes', parseSize);
  const maxCount = optional('keep-max-count', wholeNumber(MOST_ARCHIVES));
  const maxAgeMs = optional('keep-max-age', positiveDurationMs);
  return {
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxCount === undefined ? {} : { maxCount }),
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
  };
}

function readIngest(
  rest: HostPort,
  listen: HostPort | undefined,
  url: string | undefined,
  namespace: string,
): ServiceConfig['ingest'] {
  if (listen === undefined) {
    if (url === undefined) return undefined;
    throw invalidInput('--ingest-url', 'it goes with --ingest-listen, which is not given');
  }
  if (listen.port === rest.port && listen.port !== 0) {
    throw new MusterError('ConflictingInput', `--ingest-listen: port ${listen.port} is that of --listen already`, {
      field: '--ingest-listen',
    });
  }
  return { listen, url: url ?? `https://muster-ingest.${namespace}.svc:${listen.port}` };
}

function readAlertmanager(url: string | undefined, caFile: string | undefined): ServiceConfig['alertmanager'] {
  if (url !== undefined) return { url, caFile };
  if (caFile === undefined) return undefined;
  throw invalidInput('--alertmanager-ca', 'it goes with --alertmanager, which is not given');
}

function readProxyHeader(auth: ServiceConfig['auth'], header: string | undefined): string | undefined {
  if (auth === 'token' || header === undefined) return header;
  throw new MusterError('ConflictingInput', '--proxy-token-header: with --auth=none nobody looks at tokens', {
    field: '--proxy-token-header',
  });
}

const asItIs: Parse<string> = (text) => text;
function oneOf<T extends string>(values: readonly T[]): Parse<T> {
  return (text, field) => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    throw invalidInput(field, `${quoted(text)}: expected ${values.join(' or ')}`);
  };
}

function wholeNumber(most: number): Parse<number> {
  return (text, field) => {
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= most) return value;
    throw invalidInput(field, `${quoted(text)}: expected a whole number from 1 to ${most}`);
  };
}

const positiveDurationMs: Parse<number> = (text, field) => {
  parsePositiveDuration(text, field);
  return durationMs(text, field);
};

const parseImage: Parse<string> = (text, field) => {
  parseImageReference(text, field);
  return text;
};

/** `127.0.0.1:8443`, `[::1]:0`, `localhost:8443`. */
function parseHostPort(text: string, field: string): HostPort {
  const { v6, host, port } =
    /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[a-zA-Z0-9.-]+)):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  const known = v6 ?? host;
  if (known !== undefined && Number(port) <= 65_535 && URL.canParse(`http://${text}`)) {
    return { host: known, port: Number(port) };
  }
  throw invalidInput(field, `${quoted(text)}: expected HOST:PORT, such as 127.0.0.1:8443 or [::]:8443`);
}

const LONGEST_TITLE = 100;

const parseTitle: Parse<string> = (text, field) => {
  const title = text.trim();
  if (title !== '' && title.length <= LONGEST_TITLE && !/\p{Cc}/u.test(title)) return title;
  throw invalidInput(field, `${quoted(text)}: expected a line of at most ${LONGEST_TITLE} characters`);
};

/** A name of a header (RFC 9110, 5.1) that means nothing else here. */
const parseHeaderName: Parse<string> = (text, field) => {
  const name = text.toLowerCase();
  if (/^[a-z0-9-]{1,64}$/.test(name) && !['authorization', 'cookie', 'host', 'origin'].includes(name)) return name;
  throw invalidInput(field, `${quoted(text)}: expected the name of a header, such as X-Forwarded-Access-Token`);
};

const httpUrl: Parse<string> = (text, field) => parseServiceUrl(text, field, ['https:', 'http:']);
const httpsUrl: Parse<string> = (text, field) => parseServiceUrl(text, field, ['https:']);

/** Which buckets there can be is the store's to say; here only what is no store at all, and may hold a password. */
function parseStore(text: string, field: string): string {
  if (!/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.test(text)) return text;
  if (text.includes('@')) throw invalidInput(field, 'credentials of a bucket go into variables of their own');
  if (text.startsWith('s3://')) return text;
  throw invalidInput(field, `${quoted(text)}: expected a folder or s3://BUCKET/PREFIX`);
}
