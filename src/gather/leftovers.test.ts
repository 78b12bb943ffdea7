import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sendJson, sendStatus, startServer, type TestServer } from '../kube/test-server.ts';
import { isAbandoned, sweepLeftovers } from './leftovers.ts';
import { isProcessGone, ownProcessMark } from './process-mark.ts';
import { listOf } from './test-api.ts';

const now = new Date('2026-11-21T10:00:00Z');
/** Of a process that lived on this machine, and does not any more. */
let deadMark = '';
beforeAll(async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  deadMark = ownProcessMark(child.pid);
});

describe('who made something, and whether they still live', () => {
  test('this process lives; one that ended is gone', () => {
    expect(isProcessGone(ownProcessMark())).toBe(false);
    expect(isProcessGone(deadMark)).toBe(true);
  });

  test("somebody else's process lives too", () => {
    expect(isProcessGone(ownProcessMark(1))).toBe(false);
  });

  test.each(['', '/', 'elsewhere/boot/1/4242', 'elsewhere/boot/1/x'])('%j is on no machine that we know', (mark) => {
    expect(isProcessGone(mark)).toBe(false);
  });

  test.each(['x', '0', '-1', '1.5', '1e9999'])('%j is no process id', (pid) => {
    expect(isProcessGone(ownProcessMark().replace(/\d+$/, pid))).toBe(false);
  });
});

describe('what is abandoned', () => {
  const annotations = (process: string, after: string) => ({
    'muster.dev/process': process,
    'muster.dev/abandoned-after': after,
  });
  test.each<[string, () => Record<string, string>, boolean]>([
    ['its process is gone', () => annotations(deadMark, '2026-11-22T00:00:00Z'), true],
    ['its process lives', () => annotations(ownProcessMark(), '2026-11-22T00:00:00Z'), false],
    ['of another machine, in its time', () => annotations('elsewhere/1', '2026-11-21T10:00:01Z'), false],
    ['of another machine, past its time', () => annotations('elsewhere/1', '2026-11-21T09:59:59Z'), true],
    ['a time that is none', () => annotations('elsewhere/1', 'soon'), false],
    ['no annotations', () => ({}), false],
  ])('%s', (_, given, expected) => {
    expect(isAbandoned(given(), now)).toBe(expected);
  });
});

describe('the sweep', () => {
  let api: TestServer | undefined;
  afterEach(() => api?.close());
  const object = (name: string, process: string, more: object = {}) => ({
    metadata: { name, uid: `uid-${name}`, annotations: { 'muster.dev/process': process }, ...more },
  });

  async function sweep(
    objects: Record<string, unknown[] | number>,
    runNamespace?: string,
    signal = new AbortController().signal,
  ) {
    api = await startServer((request, response) => {
      const found = objects[(request.url ?? '').split('?')[0] ?? ''] ?? [];
      if (typeof found === 'number') sendStatus(response, found, 'Forbidden');
      else sendJson(response, request.method === 'GET' ? listOf(...found) : {});
    });
    const said: string[] = [];
    await sweepLeftovers(api.kube(), { runNamespace, now: () => now, say: (line) => said.push(line), signal });
    return { said, removed: api.requests.filter((line) => line.startsWith('DELETE')), asked: api.requests };
  }

  const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
  const NAMESPACES = '/api/v1/namespaces';

  test('bindings first, then namespaces; what others still use stays', async () => {
    const { said, removed, asked } = await sweep({
      [BINDINGS]: [object('b-dead', deadMark), object('b-mine', ownProcessMark())],
      [NAMESPACES]: [object('n-mine', ownProcessMark()), object('n-dead', deadMark)],
    });
    expect(removed.map((line) => line.split('?')[0])).toEqual([
      `DELETE ${BINDINGS}/b-dead`,
      `DELETE ${NAMESPACES}/n-dead`,
    ]);
    expect(said).toEqual([
      'removed ClusterRoleBinding b-dead, left behind by a run that was killed',
      'removed Namespace n-dead, left behind by a run that was killed',
    ]);
    expect(asked.filter((line) => line.startsWith('GET')).every((line) => line.includes('run-by'))).toBe(true);
  });

  test('what is on its way out already is left alone: the run before this one ended well', async () => {
    const ending = object('n-ending', deadMark, { deletionTimestamp: '2026-11-21T09:59:58Z' });
    expect(await sweep({ [NAMESPACES]: [ending] })).toMatchObject({ said: [], removed: [] });
  });

  test('pods only in the run namespace', async () => {
    const pods = '/api/v1/namespaces/shop/pods';
    const { removed } = await sweep({ [pods]: [object('p-dead', deadMark)] }, 'shop');
    expect(removed.map((line) => line.split('?')[0])).toEqual([`DELETE ${pods}/p-dead`]);
  });

  test('whoever may not list them is told, and the rest is swept', async () => {
    const { said, removed } = await sweep({ [BINDINGS]: 403, [NAMESPACES]: [object('n-dead', deadMark)] });
    expect(said[0]).toMatch(/could not look for leftovers .* among clusterrolebindings/);
    expect(removed).toHaveLength(1);
  });

  test('one that cannot be removed does not keep the others', async () => {
    const objects = [object('n-stuck', deadMark), object('n-dead', deadMark)];
    const { said, removed } = await sweep({ [NAMESPACES]: objects, [`${NAMESPACES}/n-stuck`]: 403 });
    expect(said[0]).toMatch(/could not remove Namespace n-stuck/);
    expect(removed.at(-1)).toMatch(/n-dead/);
  });

  test('an interrupt ends it', async () => {
    await expect(sweep({}, undefined, AbortSignal.abort(new Error('interrupted')))).rejects.toThrow();
  });
});
