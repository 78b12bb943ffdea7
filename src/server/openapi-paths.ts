import { body, errors, type Json, json, type Paths, param, ref, withHeaders } from './openapi-parts.ts';
import { servicePaths } from './openapi-service-paths.ts';

// What each route of the service takes and answers. The document is made of this and of the schemas; a test holds it
// against the service.

const query = (name: string, description: string, schema: Json): Json => ({ name, in: 'query', description, schema });
const paging = (most: number) => [
  query('limit', 'Entries a page.', { type: 'integer', minimum: 1, maximum: most }),
  query('continue', 'Where the page before ended, as its Link header says.', { type: 'string' }),
];
const flag = (name: string, description: string) =>
  query(name, description, { type: 'string', enum: ['false', 'true'] });
const next = { Link: 'The next page, with rel="next", where there is one.' };

const reports: Paths = {
  '/must-gather': {
    get: {
      operationId: 'listReports',
      summary: 'List reports',
      description: 'All of them, oldest first, without their logs, unless the query says otherwise.',
      tags: ['Reports'],
      parameters: [
        query('limit', 'Reports a page.', { type: 'integer', minimum: 1, maximum: 1000 }),
        query('continue', 'The number of the last report of the page before.', { type: 'integer', minimum: 1 }),
        query('order', 'By number.', { type: 'string', enum: ['asc', 'desc'] }),
        flag('exec-output', 'Whether to tell the logs too.'),
      ],
      responses: {
        '200': withHeaders(json('The reports.', { type: 'array', items: ref('Report') }), next),
        ...errors(),
      },
    },
    post: {
      operationId: 'createReport',
      summary: 'Ask for a report',
      description: 'As JSON, as a form, as a query, or with nothing at all for a report of everything.',
      tags: ['Reports'],
      requestBody: {
        required: false,
        content: {
          'application/json': { schema: ref('ReportRequest') },
          'application/x-www-form-urlencoded': { schema: ref('ReportRequest') },
        },
      },
      responses: {
        '201': withHeaders(json('The report that was made.', ref('Report')), { Location: 'Where it is.' }),
        ...errors('ConflictingInput', 'TooLarge', 'UnsupportedMediaType', 'Conflict'),
      },
    },
  },
  '/must-gather/{key}': {
    get: {
      operationId: 'getReport',
      summary: 'Look at a report, with its log',
      tags: ['Reports'],
      parameters: [param('key')],
      responses: { '200': json('The report.', ref('Report')), ...errors('NotFound') },
    },
    delete: {
      operationId: 'deleteReport',
      summary: 'Delete a report and all that belongs to it',
      tags: ['Reports'],
      parameters: [param('key')],
      responses: { '204': { description: 'It will be gone soon.' }, ...errors('NotFound') },
    },
  },
  '/must-gather/{key}/cancel': {
    post: {
      operationId: 'cancelReport',
      summary: 'Stop a report that runs; what was gathered is kept',
      tags: ['Reports'],
      parameters: [param('key')],
      responses: { '202': json('The report; it will end soon.', ref('Report')), ...actionErrors() },
    },
  },
  '/must-gather/{key}/verify': {
    post: {
      operationId: 'verifyReport',
      summary: 'Read the archive from end to end, and compare it with what was sealed',
      tags: ['Reports'],
      parameters: [param('key')],
      responses: {
        '200': json('What was found.', ref('Verdict')),
        ...errors('NotFound', 'TooLarge', 'UnsupportedMediaType', 'StoreUnavailable'),
      },
    },
  },
  '/must-gather/{key}/retry': {
    post: {
      operationId: 'retryReport',
      summary: 'Ask for the same again; the report that ended is deleted',
      tags: ['Reports'],
      parameters: [param('key')],
      responses: {
        '201': withHeaders(json('The new report.', ref('Report')), { Location: 'Where it is.' }),
        ...actionErrors(),
      },
    },
  },
};

function actionErrors(): Record<string, Json> {
  return errors('NotFound', 'Conflict', 'TooLarge', 'UnsupportedMediaType');
}

/** Bytes that may be asked for in parts, on conditions (RFC 9110). */
const download = (description: string, types: readonly string[]): Record<string, Json> => {
  const content = (what: string) => ({
    description: what,
    content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
  });
  return {
    '200': withHeaders(content(description), { ETag: 'For If-Range.', 'Content-Disposition': 'What to call it.' }),
    '206': withHeaders(content('The part that Range asks for.'), { 'Content-Range': 'Which part it is.' }),
    '304': { description: 'It is still what If-None-Match names.' },
    ...errors('NotFound', 'ChangedMeanwhile', 'RangeOutside', 'ArchiveBroken'),
  };
};
const downloadParameters = [param('range'), param('ifRange'), param('ifMatch'), param('ifNoneMatch')];

const results: Paths = {
  '/must-gather/{key}/data': {
    get: {
      operationId: 'getArchive',
      summary: 'Fetch the archive',
      tags: ['Results'],
      parameters: [param('key'), ...downloadParameters],
      responses: download('The archive.', ['application/gzip']),
    },
  },
  '/must-gather/{key}/files': {
    get: {
      operationId: 'listFiles',
      summary: 'List the top of the archive',
      tags: ['Results'],
      parameters: [param('key'), ...paging(1000)],
      responses: {
        '200': withHeaders(json('What lies there.', { type: 'array', items: ref('FolderEntry') }), next),
        ...errors('NotFound', 'ArchiveBroken'),
      },
    },
  },
  '/must-gather/{key}/files/{path}': {
    get: {
      operationId: 'getFile',
      summary: 'List a folder of the archive, or fetch one file of it',
      description:
        'The archive is not unpacked for it. Symlinks are told in their folder and never followed. A file is sent as text or as bytes, to be saved.',
      tags: ['Results'],
      parameters: [param('key'), param('path'), ...paging(1000), ...downloadParameters],
      responses: {
        ...download('The file.', ['text/plain', 'application/octet-stream']),
        '200': {
          ...withHeaders(
            json('A folder: what lies in it. A file: its bytes.', { type: 'array', items: ref('FolderEntry') }),
            {
              ...next,
              ETag: 'Of a file, for If-Range.',
            },
          ),
          content: {
            'application/json': { schema: { type: 'array', items: ref('FolderEntry') } },
            'text/plain': { schema: { type: 'string' } },
            'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
          },
        },
      },
    },
  },
  '/must-gather/{key}/logs': {
    get: {
      operationId: 'getLogs',
      summary: 'Read the log',
      description: 'Each line begins with the name of its gather in brackets.',
      tags: ['Results'],
      parameters: [
        param('key'),
        query('gather', 'Only the lines of this gather.', { type: 'string' }),
        flag('follow', 'Go on until the report has ended; an empty line at least once a minute.'),
      ],
      responses: { '200': body('The log.', 'text/plain', { type: 'string' }), ...errors('NotFound') },
    },
  },
  '/must-gather/{key}/events': {
    get: {
      operationId: 'listReportEvents',
      summary: 'Read what the events of the cluster say of a report',
      description: 'Newest first, at most 500. The cluster keeps events for some time, an hour by default.',
      tags: ['Results'],
      parameters: [param('key')],
      responses: {
        '200': json('The events.', { type: 'array', items: ref('ReportEvent') }),
        ...errors('NotFound'),
      },
    },
  },
  '/events': {
    get: {
      operationId: 'getEvents',
      summary: 'Hear of changes as they happen',
      description:
        'Server-sent events. `report` has a report as it is now: first all of them, then `synced`, then each that changes. `gone` has the id of one that was deleted. A comment every 15 s shows that the connection lives. Who takes too little is disconnected, and comes again.',
      tags: ['Results'],
      parameters: [query('since', 'With `now`, only what changes from now on.', { type: 'string', enum: ['now'] })],
      responses: { '200': body('Events.', 'text/event-stream', { type: 'string' }), ...errors() },
    },
  },
};

/** Every path of the service, in the order in which a reader wants them. HEAD goes with every GET and is not listed. */
export const paths: Paths = { ...reports, ...results, ...servicePaths };
