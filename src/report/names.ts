import { PATH_COMPONENT, TAG } from './image-reference.ts';
import { invalidInput, quoted } from './refusal.ts';

/** The names of Kubernetes: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/. */
const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
export const DNS_LABEL_PATTERN = `^${LABEL}$`;
export const DNS_SUBDOMAIN_PATTERN = `^${LABEL}(?:[.]${LABEL})*$`;
export const IMAGE_STREAM_PATTERN = `^${LABEL}/${PATH_COMPONENT}(?::${TAG})?$`;
/** It stands in URLs (`/must-gather/NAME`) and names of files, and may be in any language. */
export const CUSTOM_NAME_PATTERN = '^[^\\x00-\\x1f\\x7f/]+$';

const DNS_LABEL = new RegExp(DNS_LABEL_PATTERN);
const DNS_SUBDOMAIN = new RegExp(DNS_SUBDOMAIN_PATTERN);
const IMAGE_STREAM = new RegExp(IMAGE_STREAM_PATTERN);
const CUSTOM_NAME = new RegExp(CUSTOM_NAME_PATTERN, 'u');

export const LONGEST_LABEL = 63;
export const LONGEST_SUBDOMAIN = 253;
export const LONGEST_CUSTOM_NAME = 253;
export const LONGEST_IMAGE_STREAM = 512;

/** Checks a DNS-1123 label, such as the name of a namespace. Throws MusterError InvalidInput. */
export function parseDnsLabel(text: string, field = ''): string {
  if (text.length <= LONGEST_LABEL && DNS_LABEL.test(text)) return text;
  throw invalidInput(field, `${quoted(text)}: a name has 1 to 63 of the characters a-z, 0-9 and - (not at its ends)`);
}

/** Checks a DNS-1123 subdomain, such as the name of most objects. Throws MusterError InvalidInput. */
export function parseDnsSubdomain(text: string, field = ''): string {
  if (text.length <= LONGEST_SUBDOMAIN && DNS_SUBDOMAIN.test(text)) return text;
  throw invalidInput(
    field,
    `${quoted(text)}: a name has 1 to 253 of the characters a-z, 0-9, - and . (not at the ends of a part)`,
  );
}

/** Checks the name of a node. Throws MusterError InvalidInput. */
export function parseNodeName(text: string, field = ''): string {
  const wrong = /[/%]/.exec(text)?.[0];
  if (wrong !== undefined) throw invalidInput(field, `${quoted(text)}: a node's name must not contain ${wrong}`);
  return parseDnsSubdomain(text, field);
}

/** Checks a name that a person gave a report. Throws MusterError InvalidInput. */
export function parseCustomName(text: string, field = ''): string {
  // Kubernetes counts characters, not UTF-16 units.
  if (CUSTOM_NAME.test(text) && [...text].length <= LONGEST_CUSTOM_NAME && text.isWellFormed()) return text;
  throw invalidInput(field, `${quoted(text)}: a name has 1 to 253 characters, no / and no control characters`);
}

export type ImageStreamTag = { readonly namespace: string; readonly name: string; readonly tag: string };

/** Takes `namespace/name[:tag]` apart; the tag is `latest` unless told. Throws MusterError InvalidInput. */
export function parseImageStreamTag(text: string, field = ''): ImageStreamTag {
  const [namespace = '', name = '', tag = 'latest'] = text.split(/[/:]/);
  if (text.length > LONGEST_IMAGE_STREAM || !IMAGE_STREAM.test(text) || namespace.length > LONGEST_LABEL) {
    throw invalidInput(field, `${quoted(text)}: expected namespace/name:tag`);
  }
  return { namespace, name, tag };
}

/** Checks a whole percentage from 1 to 100. Throws MusterError InvalidInput. */
export function parsePercentage(value: number | string, field = ''): number {
  const number = typeof value === 'number' ? value : /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isInteger(number) && number >= 1 && number <= 100) return number;
  throw invalidInput(field, `${quoted(String(value))}: expected a whole number from 1 to 100`);
}

/** The folder of a gather in the archive, as `oc adm must-gather` names it (reference §2.7). */
export function folderOfImageId(imageID: string): string {
  return imageID.replace(/[^a-zA-Z0-9]+/g, '-');
}

/**
 * The one top folder of an archive, and the archive's name without `.tar.gz`: oc's new form (reference §1,
 * `--dest-dir`). `random` is lower-case text; a cluster that is not known is left out.
 */
export function archiveTopName(parts: { clusterId12?: string | undefined; at: Date; random: string }): string {
  const stamp = parts.at.toISOString().replace(/[-:]|\.[0-9]+/g, '');
  return ['must-gather.local', parts.clusterId12, stamp, parts.random].filter(Boolean).join('.');
}
