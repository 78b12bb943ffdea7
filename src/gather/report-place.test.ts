import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sendJson, sendStatus, startServer, type TestServer } from '../kube/test-server.ts';
import { makePlace, removePlace } from './report-place.ts';

const NAMESPACES = '/api/v1/namespaces';
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
const PODS = '/api/v1/namespaces/shop/pods';
const place = { reportUid: 'u1' };

let api: TestServer;
/** What is in the cluster already, by path: whose report it is. */
let there: Record<string, string>;

beforeEach(async () => {
  there = {};
  api = await startServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const names: Record<string, string> = { [NAMESPACES]: 'openshift-must-gather-u1', [BINDINGS]: 'must-gather-u1' };
    const at = `${path}/${names[path] ?? ''}`;
    const metadata = { name: names[path], uid: 'x', labels: { 'muster.dev/report': there[at] ?? there[path] ?? 'u1' } };
    if (request.method === 'POST' && there[at] !== undefined) sendStatus(response, 409, 'AlreadyExists');
    else if (path === PODS)
      sendJson(response, { metadata: {}, items: [{ metadata: { name: 'must-gather-a', uid: 'p' } }] });
    else sendJson(response, { metadata });
  });
});
afterEach(() => api.close());
const asked = () => api.requests.map((line) => line.split('?')[0]);

describe('where the service gathers', () => {
  test('goes with its rights first', async () => {
    await removePlace(api.kube(), place);
    expect(asked()).toEqual([`DELETE ${BINDINGS}/must-gather-u1`, `DELETE ${NAMESPACES}/openshift-must-gather-u1`]);
  });

  test('is taken up again by who comes after a crash', async () => {
    there = { [`${NAMESPACES}/openshift-must-gather-u1`]: 'u1', [`${BINDINGS}/must-gather-u1`]: 'u1' };
    await makePlace(api.kube(), place);
    expect(asked()).toHaveLength(4);
  });

  test.each([
    ['a namespace', `${NAMESPACES}/openshift-must-gather-u1`, []],
    ['a binding', `${BINDINGS}/must-gather-u1`, [`POST ${NAMESPACES}`]],
  ])('is not %s of that name which is another’s: no rights go there', async (_what, path, before) => {
    there = { [path]: 'somebody else' };
    await expect(makePlace(api.kube(), place)).rejects.toMatchObject({ code: 'Conflict' });
    expect(asked()).toEqual([...before, `POST ${path.slice(0, path.lastIndexOf('/'))}`, `GET ${path}`]);
  });

  test('in a namespace of others makes nothing beside pods, and removes the pods of its report', async () => {
    const others = { reportUid: 'u1', runNamespace: 'shop' };
    await makePlace(api.kube(), others);
    await removePlace(api.kube(), others);
    expect(asked()).toEqual([`GET ${PODS}`, `DELETE ${PODS}/must-gather-a`]);
    expect(api.requests[0]).toContain('labelSelector=muster.dev%2Freport%3Du1');
  });
});
