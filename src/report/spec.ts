import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { formatDuration, parseDuration, parsePositiveDuration } from './duration.ts';
import { MusterError } from './errors.ts';
import { LONGEST_IMAGE_REFERENCE, parseImageReference } from './image-reference.ts';
import { LONGEST_LABEL_SELECTOR, parseLabelSelector } from './label-selector.ts';
import {
  LONGEST_CUSTOM_NAME,
  LONGEST_IMAGE_STREAM,
  LONGEST_LABEL,
  LONGEST_SUBDOMAIN,
  parseCustomName,
  parseDnsLabel,
  parseDnsSubdomain,
  parseImageStreamTag,
  parseNodeName,
} from './names.ts';
import { invalidInput, quoted } from './refusal.ts';
import { DEFAULT_SOURCE_DIR } from './source-dir.ts';
import { parseTime } from './time.ts';

/** Longest gather: 24 days. Node's timers hold no longer, and a pod's own deadline (an int32) has to exceed it. */
export const LONGEST_TIMEOUT = '576h';
/** An API server, by address: no path beyond the root of the API, no credentials, nothing after it. */
export const SERVER_PATTERN = '^https://([a-zA-Z0-9.-]+|\\[[a-fA-F0-9:]+\\])(:[0-9]{1,5})?(/[a-zA-Z0-9._~/-]*)?$';

const text = (description: string, maxLength: number, more: { default?: string } = {}) =>
  Type.String({ description, minLength: 1, maxLength, ...more });
const texts = (description: string, maxItems: number, maxLength: number) =>
  Type.Array(Type.String({ minLength: 1, maxLength }), { description, maxItems, default: [] });
const flag = (description: string) => Type.Boolean({ description, default: false });

/**
 * What a person asks for. The types, the validation, the CustomResourceDefinition and all defaults come from here;
 * a field with a default may be left out wherever a spec is written, and always stands where one is read.
 */
export const specSchema = Type.Object(
  {
    images: texts('Gather images to run.', 64, LONGEST_IMAGE_REFERENCE),
    imageStreams: texts('Image streams that name gather images: namespace/name[:tag].', 64, LONGEST_IMAGE_STREAM),
    components: texts('Components to gather, by name.', 256, LONGEST_SUBDOMAIN),
    allImages: flag('Run the default image and every gather image that an operator of the cluster names.'),
    customName: Type.Optional(text('A name for people; need not be unique.', LONGEST_CUSTOM_NAME)),
    command: Type.Optional(text('Shell text to run in place of /usr/bin/gather.', 32_768)),
    nodeName: Type.Optional(text('The node to gather on.', LONGEST_SUBDOMAIN)),
    nodeSelector: Type.Optional(
      text('Label selector; each image gathers on each node that it matches.', LONGEST_LABEL_SELECTOR),
    ),
    hostNetwork: flag("Gather in the node's network, with the capability to capture packets."),
    runNamespace: Type.Optional(text('An existing namespace to run in, instead of one of its own.', LONGEST_LABEL)),
    keepNamespace: flag('Leave namespace and pods behind, to see what went wrong.'),
    sourceDir: text('Folder in the gather image that is collected.', 1024, { default: DEFAULT_SOURCE_DIR }),
    timeout: text('Go duration; a gather that runs longer is stopped, and what it wrote is kept.', 64, {
      default: '10m0s',
    }),
    since: Type.Optional(text('Go duration; gather only logs newer than this.', 64)),
    sinceTime: Type.Optional(text('RFC 3339; gather only logs after this time.', 64)),
    volumePercentage: Type.Integer({
      description: "Stop a gather that wrote more than this share of what was free on the node's disk.",
      minimum: 1,
      maximum: 100,
      default: 70,
      format: 'int32',
    }),
    server: Type.Optional(text('API address of another cluster to gather; unset: this one.', 1024)),
    deleteAfter: Type.Optional(
      text('Go duration after its end, or never. Unset: 24h when there is data, else 12h.', 64),
    ),
    cancel: flag('Set it to stop the report; what was gathered is kept.'),
  },
  { description: 'What to gather. Only deleteAfter and cancel may be changed later.', additionalProperties: false },
);
export type Spec = Static<typeof specSchema>;
export type SpecField = keyof Spec;

/** How the asker spells the fields: flags on the command line, keys in REST. */
export type FieldNames = Readonly<Partial<Record<SpecField, string>>>;

/** What a spec is where nothing was asked for. */
export const specDefaults: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(specSchema.properties).flatMap(([field, schema]) =>
    'default' in schema ? [[field, schema.default]] : [],
  ),
);

/** Pairs that must not be given together, in the order in which they are told (reference §1). */
export const CONFLICTS: readonly (readonly [SpecField, SpecField])[] = [
  ['allImages', 'images'],
  ['allImages', 'hostNetwork'],
  ['allImages', 'imageStreams'],
  ['allImages', 'nodeName'],
  ['allImages', 'runNamespace'],
  ['nodeName', 'nodeSelector'],
  ['since', 'sinceTime'],
];

/** The fields that may change after a report was created. */
export const CHANGEABLE: ReadonlySet<SpecField> = new Set(['deleteAfter', 'cancel']);

/**
 * Checks a spec from anywhere and fills in the defaults; `undefined` and `null` count as left out. Durations come back
 * in Go's canonical form, the source folder without a slash at its end, everything else as it was written. Throws
 * MusterError InvalidInput or ConflictingInput, with `field` and message naming the field as in `names`.
 */
export function validateSpec(input: unknown, names: FieldNames = {}): { spec: Spec } {
  if (!isRecord(input)) throw invalidInput('spec', 'an object is expected');
  const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== null);
  const candidate: unknown = { ...structuredClone(specDefaults), ...Object.fromEntries(given) };
  if (!Value.Check(specSchema, candidate)) throw structuralRefusal(candidate, names);
  refuseConflicts(candidate, names);
  return { spec: checkWords(candidate, (field, index) => labelOf(field, names, index)) };
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function isField(name: string): name is SpecField {
  return Object.hasOwn(specSchema.properties, name);
}

function labelOf(field: string, names: FieldNames, index?: number): string {
  const label = isField(field) ? names[field] : undefined;
  return label ?? `spec.${field}${index === undefined ? '' : `[${index}]`}`;
}

/** Why the schema refuses it: wrong types, lengths, counts and fields that do not exist. */
function structuralRefusal(candidate: unknown, names: FieldNames): MusterError {
  const unknown = isRecord(candidate) ? Object.keys(candidate).find((name) => !isField(name)) : undefined;
  if (unknown !== undefined) return invalidInput(`spec.${unknown}`.slice(0, 100), 'there is no such field');
  const error = Value.Errors(specSchema, candidate)[0];
  const [, field = '', index] = error?.instancePath.split('/') ?? [];
  const label = labelOf(field, names, index === undefined ? undefined : Number(index));
  return invalidInput(label, error === undefined ? 'not as expected' : inWords(error));
}

function inWords(error: ReturnType<typeof Value.Errors>[number]): string {
  switch (error.keyword) {
    case 'minLength':
      return 'it is empty';
    case 'maxLength':
      return `longer than ${error.params.limit} characters`;
    case 'maxItems':
      return `more than ${error.params.limit}`;
    case 'minimum':
    case 'maximum':
      return 'expected a whole number from 1 to 100';
    case 'type':
      return `expected ${String(error.params.type)}`;
    default:
      return error.message;
  }
}

/** True where the asker said something: not left out, not empty, not off. */
function isSet(value: Spec[SpecField]): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}

function refuseConflicts(spec: Spec, names: FieldNames): void {
  const found = CONFLICTS.find(([one, other]) => isSet(spec[one]) && isSet(spec[other]));
  if (found === undefined) return;
  const [one, other] = [labelOf(found[0], names), labelOf(found[1], names)];
  throw new MusterError('ConflictingInput', `${one} and ${other} exclude each other`, { field: other });
}

type Label = (field: SpecField, index?: number) => string;

/** What no schema can say: each value by its own grammar. */
function checkWords(spec: Spec, label: Label): Spec {
  spec.images.forEach((image, index) => void parseImageReference(image, label('images', index)));
  spec.imageStreams.forEach((stream, index) => void parseImageStreamTag(stream, label('imageStreams', index)));
  spec.components.forEach((component, index) => void parseDnsSubdomain(component, label('components', index)));
  if (spec.customName !== undefined) parseCustomName(spec.customName, label('customName'));
  if (spec.command !== undefined) checkCommand(spec.command, label('command'));
  if (spec.nodeName !== undefined) parseNodeName(spec.nodeName, label('nodeName'));
  if (spec.nodeSelector !== undefined) checkSelector(spec.nodeSelector, label('nodeSelector'));
  if (spec.runNamespace !== undefined) parseDnsLabel(spec.runNamespace, label('runNamespace'));
  if (spec.sinceTime !== undefined) parseTime(spec.sinceTime, label('sinceTime'));
  if (spec.server !== undefined) checkServer(spec.server, label('server'));
  const { since, deleteAfter } = spec;
  return {
    ...spec,
    sourceDir: cleanSourceDir(spec.sourceDir, label('sourceDir')),
    timeout: checkTimeout(spec.timeout, label('timeout')),
    ...(since === undefined ? {} : { since: formatDuration(parsePositiveDuration(since, label('since'))) }),
    ...(deleteAfter === undefined ? {} : { deleteAfter: checkDeleteAfter(deleteAfter, label('deleteAfter')) }),
  };
}

function checkTimeout(timeout: string, field: string): string {
  const timeoutNs = parsePositiveDuration(timeout, field);
  if (timeoutNs > parseDuration(LONGEST_TIMEOUT)) {
    throw invalidInput(field, `${quoted(timeout)}: longer than ${LONGEST_TIMEOUT}`);
  }
  return formatDuration(timeoutNs);
}

function checkDeleteAfter(deleteAfter: string, field: string): string {
  return deleteAfter === 'never' ? deleteAfter : formatDuration(parsePositiveDuration(deleteAfter, field));
}

function checkCommand(command: string, field: string): void {
  if (command.includes('\0')) throw invalidInput(field, 'a command cannot hold a zero byte');
  if (command.trim() === '') throw invalidInput(field, 'it is empty');
}

/** A selector of no requirement matches every node; that is not what somebody who wrote one meant. */
function checkSelector(selector: string, field: string): void {
  if (parseLabelSelector(selector, field).length === 0) throw invalidInput(field, 'it is empty');
}

/** An absolute folder below the root, without a slash at its end: it becomes a mount path, which knows no colon. */
function cleanSourceDir(sourceDir: string, field: string): string {
  const refuse = (why: string) => invalidInput(field, `${quoted(sourceDir)}: ${why}`);
  if (!sourceDir.startsWith('/')) throw refuse('expected an absolute path');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[:\x00-\x1f\x7f]/.test(sourceDir)) throw refuse('a colon or a control character cannot stand in it');
  const parts = sourceDir.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refuse('.. cannot stand in it');
  if (parts.length === 0) throw refuse('it cannot be the root');
  return `/${parts.join('/')}`;
}

function checkServer(server: string, field: string): void {
  if (new RegExp(SERVER_PATTERN).test(server) && URL.canParse(server)) return;
  throw invalidInput(field, `${quoted(server)}: expected an address such as https://api.example.com:6443`);
}
