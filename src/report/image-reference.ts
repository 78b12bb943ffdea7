import { invalidInput, quoted } from './refusal.ts';

/** The grammar of distribution's reference package: https://github.com/distribution/reference. */
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = `(?:${LABEL}(?:[.]${LABEL})*|\\[[a-fA-F0-9:]+\\])`;
export const PATH_COMPONENT = '[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*';
export const TAG = '[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}';
const DIGEST = '(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})';
export const IMAGE_REFERENCE_PATTERN = `^(?:${HOST}(?::[0-9]+)?/)?${PATH_COMPONENT}(?:/${PATH_COMPONENT})*(?::${TAG})?(?:@${DIGEST})?$`;
const IMAGE_REFERENCE = new RegExp(IMAGE_REFERENCE_PATTERN);

/** Longest reference that Muster takes: a path of 255 characters, a domain, a tag and a digest fit. */
export const LONGEST_IMAGE_REFERENCE = 800;
const LONGEST_PATH = 255;

export type ImageReference = {
  /** Host of the registry; absent where the reference leaves it to the container runtime. */
  readonly domain?: string;
  readonly port?: number;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
};

/**
 * Takes an image reference apart, by the rules that container runtimes share. The first component is a registry when it
 * has a dot, a port or upper-case letters, or is `localhost`. Throws MusterError InvalidInput, which says why.
 */
export function parseImageReference(text: string, field = ''): ImageReference {
  const refuse = (why: string) => invalidInput(field, `${quoted(text)}: ${why}`);
  if (text === '') throw invalidInput(field, 'the image is empty');
  if (text.length > LONGEST_IMAGE_REFERENCE) throw refuse(`longer than ${LONGEST_IMAGE_REFERENCE} characters`);
  if (!IMAGE_REFERENCE.test(text)) throw refuse(whyNot(text));
  const [named = '', digest] = text.split('@');
  const { registry, remainder } = splitRegistry(named);
  const [path = '', tag] = remainder.split(':');
  if (path.length > LONGEST_PATH) throw refuse(`its path is longer than ${LONGEST_PATH} characters`);
  const host = registry === undefined ? undefined : /^(.*?)(?::([0-9]+))?$/.exec(registry);
  const port = host?.[2] === undefined ? undefined : Number(host[2]);
  if (port !== undefined && (port === 0 || port > 65_535)) throw refuse(`there is no port ${port}`);
  return {
    ...(host?.[1] === undefined ? {} : { domain: host[1] }),
    ...(port === undefined ? {} : { port }),
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The reference as text again: the opposite of `parseImageReference`. */
export function formatImageReference({ domain, port, path, tag, digest }: ImageReference): string {
  const registry = domain === undefined ? '' : `${domain}${port === undefined ? '' : `:${port}`}/`;
  return `${registry}${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitRegistry(named: string): { registry?: string; remainder: string } {
  const slash = named.indexOf('/');
  const first = named.slice(0, Math.max(slash, 0));
  const isRegistry = /[.:A-Z]/.test(first) || first === 'localhost';
  return isRegistry ? { registry: first, remainder: named.slice(slash + 1) } : { remainder: named };
}

function whyNot(text: string): string {
  if (/\s/.test(text)) return 'an image reference has no spaces';
  if (text.includes('://')) return 'no image reference; leave out the scheme (https://)';
  const [named = '', digest] = text.split('@');
  if (digest !== undefined && !new RegExp(`^${DIGEST}$`).test(digest)) {
    return 'its digest is none; it has the form sha256: and 64 hexadecimal digits in lower case';
  }
  const { remainder } = splitRegistry(named);
  const [path = '', tag] = remainder.split(':');
  if (/[A-Z]/.test(path)) return 'no image reference: the path must be lower-case';
  if (tag !== undefined && !new RegExp(`^${TAG}$`).test(tag)) return 'no image reference: the tag is none';
  return 'no image reference; it has the form registry/path:tag or registry/path@sha256:digest';
}
