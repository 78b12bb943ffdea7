import Type, { type Static } from 'typebox';
import { GATHER_PHASES, PHASES } from './phases.ts';

/** How far a report is. */
export type Phase = (typeof PHASES)[number];

/** How far a gather is. */
export type GatherPhase = (typeof GATHER_PHASES)[number];

/** Why a gather is not `Done`. */
export const GATHER_REASONS = [
  /** The deadline of the gather passed while its command ran. */
  'Timeout',
  /** The gather wrote more than its share of the node's disk. */
  'DiskLimit',
  /** The image cannot be pulled, or its name is none. */
  'ImagePull',
  /** The pod was not placed, or its containers were not made, until the deadline. */
  'NotStarted',
  /** The API server refused the pod or its namespace. */
  'Refused',
  /** The pod went away, or its node did. */
  'PodDeleted',
  /** The kubelet evicted the pod. */
  'Evicted',
  /** The kernel ended the command for want of memory. */
  'OutOfMemory',
  /** The command ended with another code than 0. */
  'ExitCode',
  /** What was gathered could not be brought out, or not all of it. */
  'CopyFailed',
  /** A person stopped it. */
  'Cancelled',
] as const;
export type GatherReason = (typeof GATHER_REASONS)[number];

/** A count of things or bytes, exact in JavaScript: at most 2^53 - 1. */
const count = (description: string) =>
  Type.Integer({ description, minimum: 0, maximum: Number.MAX_SAFE_INTEGER, format: 'int64' });
/** RFC 3339, as Kubernetes writes it. */
const moment = (description: string) => Type.String({ description, format: 'date-time', maxLength: 64 });

const gatherStatusSchema = Type.Object(
  {
    name: Type.String({
      description: 'Name of the gather in its report, such as `cluster` or `storage`.',
      maxLength: 253,
    }),
    image: Type.String({ description: 'The gather image, as it was asked for.', maxLength: 512 }),
    imageID: Type.Optional(Type.String({ description: 'The image that ran, with its digest.', maxLength: 512 })),
    node: Type.Optional(Type.String({ description: 'The node that it ran on.', maxLength: 253 })),
    phase: Type.Enum([...GATHER_PHASES], { description: 'How far it is.' }),
    reason: Type.Optional(Type.Enum([...GATHER_REASONS], { description: 'Why it is not Done.' })),
    message: Type.Optional(Type.String({ description: 'The same, for a person.', maxLength: 4096 })),
    exitCode: Type.Optional(
      Type.Integer({ description: 'Exit code of its command.', minimum: 0, maximum: 255, format: 'int32' }),
    ),
    startedAt: Type.Optional(moment('When its command started.')),
    finishedAt: Type.Optional(moment('When it reached its last phase.')),
    files: Type.Optional(count('Files brought out so far.')),
    bytes: Type.Optional(count('Bytes brought out so far, before packing.')),
  },
  { description: 'One run of one gather image on one node.' },
);
export type GatherStatus = Static<typeof gatherStatusSchema>;

const progressSchema = Type.Object(
  {
    percent: Type.Optional(
      Type.Integer({
        description: 'Elapsed time against earlier reports of the same images; absent where nothing is known.',
        minimum: 0,
        maximum: 100,
        format: 'int32',
      }),
    ),
    step: Type.String({ description: 'What happens now, in a few words.', maxLength: 256 }),
    files: count('Files brought out so far, of all gathers.'),
    bytes: count('Bytes brought out so far, of all gathers, before packing.'),
  },
  { description: 'How far the report is.' },
);
export type Progress = Static<typeof progressSchema>;

const CONDITION_TYPES = ['Initialized', 'Ready', 'Failure'] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

const conditionSchema = Type.Object(
  {
    type: Type.Enum([...CONDITION_TYPES], {
      description:
        'Initialized: the gathers are planned. Ready: the archive can be fetched. Failure: why something is missing.',
    }),
    status: Type.Enum(['True', 'False', 'Unknown']),
    reason: Type.String({ description: 'One word for programs.', minLength: 1, maxLength: 128 }),
    message: Type.String({ description: 'The same, for a person.', maxLength: 4096 }),
    lastTransitionTime: moment('When the status changed.'),
  },
  { description: 'One fact about the report.' },
);
export type ReportCondition = Static<typeof conditionSchema>;

/** What Muster says of a report. `report_url` is spelled as in the seed. */
export const statusSchema = Type.Object(
  {
    id: Type.Optional(Type.Integer({ description: 'Number of the report.', minimum: 1, format: 'int64' })),
    phase: Type.Optional(Type.Enum([...PHASES], { description: 'How far the report is.' })),
    conditions: Type.Optional(Type.Array(conditionSchema, { maxItems: 16 })),
    gathers: Type.Optional(Type.Array(gatherStatusSchema, { description: 'Its gathers.', maxItems: 5000 })),
    progress: Type.Optional(progressSchema),
    archive: Type.Optional(
      Type.Object(
        {
          name: Type.String({ description: 'Name of the file.', maxLength: 512 }),
          size: count('Its size in bytes.'),
          sha256: Type.String({ description: 'SHA-256 in hexadecimal.', pattern: '^[0-9a-f]{64}$' }),
        },
        { description: 'The finished archive.' },
      ),
    ),
    report_url: Type.Optional(Type.String({ description: 'Where to fetch the archive.', maxLength: 2048 })),
    requestedBy: Type.Optional(Type.String({ description: 'Who asked.', maxLength: 1024 })),
    retryOf: Type.Optional(
      Type.Integer({ description: 'Number of the report that this one repeats.', minimum: 1, format: 'int64' }),
    ),
    startedAt: Type.Optional(moment('When it was accepted.')),
    finishedAt: Type.Optional(moment('When it reached its last phase.')),
    expiresAt: Type.Optional(moment('When it will be deleted.')),
    observedGeneration: Type.Optional(count('The generation of the spec that this status speaks of.')),
  },
  { description: 'What became of it.' },
);
export type ReportStatus = Static<typeof statusSchema>;
