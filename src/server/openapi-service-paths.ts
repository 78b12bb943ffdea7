import {
  body,
  bytes,
  errors,
  type Json,
  json,
  type Operation,
  type Paths,
  param,
  ref,
  withHeaders,
} from './openapi-parts.ts';

/** The service itself: what it is, who calls, and the pages. */
export const servicePaths: Paths = {
  '/components': {
    get: {
      operationId: 'listComponents',
      summary: 'List what can be gathered, and how it is',
      tags: ['Service'],
      responses: { '200': json('Components.', ref('ComponentList')), ...errors() },
    },
  },
  '/overview': {
    get: {
      operationId: 'getOverview',
      summary: 'How the cluster is: what the dashboard shows',
      description: 'Read at most every 5 s for all who ask, within 10 s. What cannot be read is one of the warnings.',
      tags: ['Service'],
      responses: { '200': json('The overview.', ref('Overview')), ...errors() },
    },
  },
  '/whoami': {
    get: {
      operationId: 'getCaller',
      summary: 'As whom the caller is known',
      tags: ['Service'],
      responses: { '200': json('The caller.', ref('Caller')), ...errors() },
    },
  },
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      summary: 'Figures for Prometheus',
      tags: ['Service'],
      responses: { '200': bytes('In the text format.', 'text/plain'), ...errors() },
    },
  },
  '/healthz': open('getHealth', 'Whether the process lives', body('It does.', 'text/plain', { type: 'string' })),
  '/readyz': {
    get: {
      operationId: 'getReadiness',
      summary: 'Whether the service can do its work',
      tags: ['Service'],
      security: [],
      responses: {
        '200': json('It can.', ref('Readiness')),
        '503': json('NotReady: it lacks what the message says.', ref('Unreadiness')),
      },
    },
  },
  '/openapi.json': open('getOpenApi', 'This document', json('OpenAPI 3.1.', { type: 'object' })),
  '/docs': open('getDocs', 'This document, to read', body('A page.', 'text/html', { type: 'string' })),
  '/session': {
    get: {
      operationId: 'getSession',
      summary: 'How a browser signs in here, and who is signed in',
      tags: ['Service'],
      security: [],
      responses: { '200': json('The session.', ref('Session')), ...errors() },
    },
  },
  '/login': {
    get: page('getLoginPage', 'The login page'),
    post: {
      operationId: 'signIn',
      summary: 'Sign a browser in: the token comes back sealed in a cookie',
      description:
        'For the login page; programs send their token themselves. The cookie holds for 8 hours at most, and no longer than the token. What changes something and has no more than the cookie must come from a page of this service (`Sec-Fetch-Site`, else `Origin`).',
      tags: ['Service'],
      security: [],
      requestBody: { required: true, content: { 'application/json': { schema: ref('SignIn') } } },
      responses: {
        '200': withHeaders(json('Signed in.', ref('Session')), { 'Set-Cookie': 'The session.' }),
        ...errors('NotFound', 'TooLarge', 'UnsupportedMediaType'),
      },
    },
  },
  '/logout': {
    post: {
      operationId: 'signOut',
      summary: 'Sign a browser out',
      tags: ['Service'],
      security: [],
      responses: {
        '204': withHeaders({ description: 'Signed out.' }, { 'Set-Cookie': 'Ends the session.' }),
        ...errors('NotFound', 'TooLarge', 'UnsupportedMediaType'),
      },
    },
  },
  '/': { get: page('getPages', 'The pages; what this is, where they were not built') },
  '/reports': { get: page('getReportsPage', 'The page of all reports') },
  '/reports/{path}': { get: page('getReportPage', 'The page of one report', param('path')) },
};

function page(operationId: string, summary: string, ...parameters: Json[]): Operation {
  const answer = body('A page.', 'text/html', { type: 'string' });
  return { operationId, summary, tags: ['Service'], parameters, security: [], responses: { '200': answer } };
}

function open(operationId: string, summary: string, answer: Json): Paths[string] {
  return { get: { operationId, summary, tags: ['Service'], security: [], responses: { '200': answer } } };
}
