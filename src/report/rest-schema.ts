import Type, { type TSchema } from 'typebox';
import { restKeys, singularRestKeys } from './flags.ts';
import { PHASES } from './phases.ts';
import { type SpecField, specSchema } from './spec.ts';
import { statusSchema } from './status.ts';

// The shapes of REST for readers and for programs: what `restReport` makes and `specFromJson` takes.

const { gathers, progress } = statusSchema.properties;
const text = (description: string) => Type.String({ description });
const moment = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });
const descriptionOf = (schema: object) => ('description' in schema ? String(schema.description) : '');
const of = (field: SpecField) => descriptionOf(specSchema.properties[field]);
const texts = (description: string) => Type.Array(Type.String(), { description });

/** One report, as REST shows it. */
export const restReportSchema = Type.Object(
  {
    id: Type.Integer({ description: 'Number of the report.', minimum: 1 }),
    'created-at': text('When it was asked for (RFC 3339).'),
    'updated-at': text('When it changed last (RFC 3339).'),
    'custom-name': text(of('customName')),
    status: Type.Enum(['new', 'inprogress', 'completed', 'error'], { description: 'Its state, for programs.' }),
    image: text('The first of its gather images.'),
    'image-stream': text('The first of its image streams.'),
    'node-name': text(of('nodeName')),
    command: text(of('command')),
    'source-dir': text('Folder in the gather image that is collected; empty for /must-gather.'),
    timeout: text(of('timeout')),
    server: text(of('server')),
    'archive-size': Type.Integer({ description: 'Bytes of the archive; 0 while there is none.', minimum: 0 }),
    'archive-name': text('Name of the archive; empty while there is none.'),
    'exec-output': text('The log, shortened in its middle to 1 MiB; empty in lists unless asked for.'),
    images: texts(of('images')),
    'image-streams': texts(of('imageStreams')),
    components: texts(of('components')),
    'all-images': Type.Boolean({ description: of('allImages') }),
    'node-selector': text(of('nodeSelector')),
    'host-network': Type.Boolean({ description: of('hostNetwork') }),
    'run-namespace': text(of('runNamespace')),
    'keep-namespace': Type.Boolean({ description: of('keepNamespace') }),
    'volume-percentage': Type.Integer({ description: of('volumePercentage'), minimum: 1, maximum: 100 }),
    since: text(of('since')),
    'since-time': text(of('sinceTime')),
    'delete-after': text(of('deleteAfter')),
    name: text('Name of its MustGatherReport.'),
    phase: Type.Enum([...PHASES], { description: 'How far it is, as the MustGatherReport says.' }),
    partial: Type.Boolean({ description: 'Something was kept, and something is missing: see message.' }),
    message: text('Why something is missing, or why it failed; else empty.'),
    progress: Type.Union([Type.Object(progress.properties), Type.Null()], { description: descriptionOf(progress) }),
    gathers,
    'archive-sha256': text('SHA-256 of the archive in hexadecimal; empty while there is none.'),
    'report-url': text('Where the archive is; empty while there is none.'),
    'requested-by': text('Who asked; empty where that is not known.'),
    'retry-of': Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], { description: 'The report that it repeats.' }),
    'started-at': moment('When it was accepted.'),
    'finished-at': moment('When it reached its last phase.'),
    'expires-at': moment('When it will be deleted.'),
  },
  { description: 'A report: one request and its result.', additionalProperties: false },
);

/** What POST /must-gather takes, as JSON; as a form or a query, lists are repeated keys or have commas. */
export const restRequestSchema = Type.Object(
  { ...fieldsByKey(restKeys), ...singularFields(), 'image-streams': Type.Optional(listOf('imageStreams')) },
  { description: 'What to gather; everything may be left out.', additionalProperties: false },
);

function fieldsByKey(keys: typeof restKeys): Record<string, TSchema> {
  const entries = Object.entries(keys) as [SpecField, string][];
  return Object.fromEntries(entries.map(([field, key]) => [key, Type.Optional(asked(field))]));
}

function singularFields(): Record<string, TSchema> {
  const entries = Object.entries(singularRestKeys);
  return Object.fromEntries(
    entries.map(([key, field]) => [key, Type.Optional(Type.String({ description: `One of \`${restKeys[field]}\`.` }))]),
  );
}

function asked(field: SpecField): TSchema {
  const schema = specSchema.properties[field];
  return schema.type === 'array' ? listOf(field) : schema;
}

/** One value or several. */
function listOf(field: SpecField): TSchema {
  const one = Type.String({ minLength: 1 });
  return Type.Union([one, Type.Array(one)], { description: of(field) });
}
