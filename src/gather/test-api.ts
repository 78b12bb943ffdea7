import { type Answer, sendJson, sendStatus, startServer, type TestServer } from '../kube/test-server.ts';

/**
 * For tests: an API server that serves what stands at a path (`GET /api/v1/nodes`, without the query). A number is
 * a refusal with that status; what is not named is not found.
 */
export function startApi(objects: Readonly<Record<string, unknown>>): Promise<TestServer> {
  return startServer(answerFrom(objects));
}

function answerFrom(objects: Readonly<Record<string, unknown>>): Answer {
  return (request, response) => {
    const found = objects[`${request.method} ${request.url?.split('?')[0]}`];
    if (found === undefined) sendStatus(response, 404, 'NotFound', 'the server could not find it');
    else if (typeof found === 'number') sendStatus(response, found, found === 403 ? 'Forbidden' : 'InternalError');
    else sendJson(response, found);
  };
}

/** A list as the API server sends it. */
export function listOf(...items: unknown[]): unknown {
  return { kind: 'List', metadata: { resourceVersion: '1' }, items };
}
