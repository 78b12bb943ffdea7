import { errorTable } from '../report/errors.ts';
import { restReportSchema, restRequestSchema } from '../report/rest-schema.ts';
import { overviewSchemas } from './openapi-overview.ts';
import { arrayOf, type Json, object, type Paths, text, texts } from './openapi-parts.ts';
import { paths } from './openapi-paths.ts';

/** The REST service as an OpenAPI 3.1 document. */
export type OpenApi = {
  readonly openapi: string;
  readonly info: Json;
  readonly servers: readonly Json[];
  readonly security: readonly Json[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Paths;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly parameters: Readonly<Record<string, Json>>;
    readonly securitySchemes: Json;
  };
};

/** Made of the schemas with which Muster itself checks, of the table of errors, and of the routes. */
export function openApi(): OpenApi {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Muster',
      version: '1',
      summary: 'Diagnostic reports of a cluster.',
      description:
        'Routes, keys and states are those of the must-gather REST service that Muster replaces; the rest is added. HEAD goes with every GET. Errors are JSON with a code and a message.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [
      { name: 'Reports', description: 'Ask for reports and manage them.' },
      { name: 'Results', description: 'What was gathered, and what happens.' },
      { name: 'Service', description: 'The service itself.' },
    ],
    paths,
    components: { schemas, parameters, securitySchemes },
  };
}

const securitySchemes: Json = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the cluster whose holder is a cluster-admin, such as `oc whoami -t` prints.',
  },
};

const schemas: Readonly<Record<string, Json>> = {
  Report: { ...restReportSchema },
  ReportRequest: { ...restRequestSchema },
  Error: object('What went wrong.', {
    code: { type: 'string', enum: Object.keys(errorTable), description: 'For programs.' },
    message: text('For a person.'),
  }),
  Verdict: object(
    'How a stored archive stands to what was sealed.',
    {
      state: { type: 'string', enum: ['same', 'different', 'missing'] },
      is: { $ref: '#/components/schemas/Digest' },
      should: { $ref: '#/components/schemas/Digest' },
    },
    ['is'],
  ),
  Digest: object('Of an archive.', {
    sizeBytes: { type: 'integer', minimum: 0 },
    sha256: text('In hexadecimal.'),
  }),
  FolderEntry: object(
    'One thing in a folder of an archive.',
    {
      name: text('Its name in the folder.'),
      type: { type: 'string', enum: ['file', 'directory', 'symlink', 'hardlink'] },
      sizeBytes: { type: 'integer', minimum: 0 },
      mtime: { type: ['string', 'null'], format: 'date-time', description: 'null where it is not known.' },
      linkTarget: text('Where a link points; it is told, and never followed.'),
    },
    ['linkTarget'],
  ),
  ReportEvent: object('One event of the cluster that is about a report.', {
    type: text('`Normal` or `Warning`.'),
    reason: text('One word for programs.'),
    message: text('The same, for a person.'),
    at: { type: 'string', format: 'date-time', description: 'When it happened last.' },
    count: { type: 'integer', minimum: 1, description: 'How often it happened.' },
  }),
  ComponentList: object('What can be gathered.', {
    components: arrayOf('Component'),
    warnings: texts('What could not be read, and why.'),
  }),
  Component: object('The cluster itself, or what names a gather image of its own.', {
    name: text('As `components` of a request names it.'),
    title: text('For a person.'),
    kind: { type: 'string', enum: ['Cluster', 'ClusterServiceVersion', 'ClusterOperator', 'ConfigMap'] },
    image: text('The gather image that knows it.'),
    healthy: { type: 'boolean' },
    message: text('Why it is not healthy; else empty.'),
  }),
  ...overviewSchemas,
  Caller: object('Who calls.', { username: text('As the cluster knows them.'), groups: texts('Their groups.') }, [
    'groups',
  ]),
  Session: object(
    'How a browser signs in here, and who is signed in.',
    {
      auth: {
        type: 'string',
        enum: ['none', 'login', 'proxy'],
        description: 'Not at all, with a token on the login page, or at the proxy in front.',
      },
      user: object('Absent while nobody is signed in.', { username: text('As the cluster knows them.') }),
      forbidden: { const: true, description: 'Signed in, and no cluster-admin.' },
    },
    ['user', 'forbidden'],
  ),
  SignIn: object('What the login page sends.', {
    token: text('A token of the cluster whose holder is a cluster-admin.'),
  }),
  Readiness: object('The service can do its work.', { ready: { const: true }, checks: arrayOf('ReadyCheck') }),
  Unreadiness: object('The service lacks something.', {
    code: { const: 'NotReady' },
    message: text('What it lacks.'),
    checks: arrayOf('ReadyCheck'),
  }),
  ReadyCheck: object('One thing that the service needs.', {
    name: text('Its name.'),
    ok: { type: 'boolean' },
    message: text('What is the matter.'),
  }),
};

const header = (name: string, description: string): Json => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
});

const parameters: Readonly<Record<string, Json>> = {
  key: {
    name: 'key',
    in: 'path',
    required: true,
    description: 'The number of a report, else the custom name; of several with that name the newest.',
    schema: { type: 'string', minLength: 1 },
  },
  path: {
    name: 'path',
    in: 'path',
    required: true,
    description: 'A path in the archive, from its top folder on, with its slashes as they are.',
    schema: { type: 'string', minLength: 1 },
  },
  range: header('Range', 'One range of bytes, such as `bytes=1000-`.'),
  ifRange: header('If-Range', 'The ETag of what is there already: the range counts only if it is still the same.'),
  ifMatch: header('If-Match', 'Only if it is still what this ETag names.'),
  ifNoneMatch: header('If-None-Match', 'Only if it is no longer what this ETag names.'),
};
