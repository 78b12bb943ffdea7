import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessWorld, clusterRoles, startAccessWorld } from '../../test/sandbox/access-world.ts';
import { validateSpec } from '../report/spec.ts';
import { createAccess, createMetricsAccess } from './access.ts';
import { type Documented, documentedOperations } from './documented.ts';
import { startService, type TestService } from './test-reports.ts';

const operations = documentedOperations();
const isOpen = ({ operation }: Documented) => operation.security?.length === 0;

/** What each kind of caller is answered where a token is needed; undefined: is let in. */
const callers = {
  none: 401,
  bad: 401,
  expired: 401,
  'no rights': 403,
  'list only': 403,
  'service account': 403,
  'metrics reader': 403,
  'cluster-admin': undefined,
  impersonator: 403,
} as const;
/** Of open routes to a request with nothing in it, where that is not 200. */
const openAnswers: Readonly<Record<string, number>> = { 'POST /login': 400, 'POST /logout': 204 };
type CallerKind = keyof typeof callers;

/** What is for all to ask, by name: a route that is opened by mistake shows here. */
const OPEN = [
  ...['/', '/reports', '/reports/{path}', '/login', '/session'].map((path) => `GET ${path}`),
  ...['POST /login', 'POST /logout', 'GET /docs', 'GET /openapi.json', 'GET /healthz', 'GET /readyz'],
];

function isRight(kind: CallerKind, told: Documented, status: number): boolean {
  if (told.path === '/session') return isRightSession(kind, status);
  if (isOpen(told)) return status === (openAnswers[`${told.method} ${told.path}`] ?? 200);
  if (kind === 'metrics reader' && told.path === '/metrics') return status === 200;
  const wanted = callers[kind];
  if (wanted === undefined) return ![401, 403, 405, 429].includes(status) && status < 500;
  // Who tries many bad tokens is told to wait; who brings none is not.
  return status === wanted || (status === 429 && wanted === 401 && kind !== 'none');
}

/** It tells everybody who they are; who guesses tokens is told to wait here too. */
function isRightSession(kind: CallerKind, status: number): boolean {
  if (kind === 'impersonator') return status === 403;
  return status === 200 || (status === 429 && (kind === 'bad' || kind === 'expired'));
}

describe('every route, for every kind of caller', () => {
  let world: AccessWorld;
  let service: TestService;
  let namespace = '';
  const headers: Partial<Record<CallerKind, Record<string, string>>> = {};

  beforeAll(async () => {
    world = await startAccessWorld();
    namespace = await world.makeNamespace();
    for (const account of ['muster', 'admin', 'lister', 'nobody', 'worker', 'late', 'prometheus']) {
      await world.makeAccount(namespace, account);
    }
    const roles = {
      'lists-reports': { apiGroups: ['muster.dev'], resources: ['mustgatherreports'], verbs: ['list'] },
      'reads-metrics': { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    };
    for (const [name, rule] of Object.entries(roles)) {
      await world.admin.create(clusterRoles, { metadata: { name }, rules: [rule] });
    }
    await world.bind(undefined, 'muster', 'ClusterRole', 'system:auth-delegator', namespace);
    await world.bind(undefined, 'admin', 'ClusterRole', 'cluster-admin', namespace);
    await world.bind(undefined, 'late', 'ClusterRole', 'cluster-admin', namespace);
    await world.bind(undefined, 'lister', 'ClusterRole', 'lists-reports', namespace);
    await world.bind(undefined, 'prometheus', 'ClusterRole', 'reads-metrics', namespace);
    // Everything in one namespace is not everything.
    await world.bind(namespace, 'worker', 'ClusterRole', 'cluster-admin');
    const bearer = async (account: string) => ({ authorization: `Bearer ${await world.order(namespace, account)}` });
    // A token lives for 10 minutes at the least: this one was issued an hour before the others.
    world.sandbox.faults.moveClock(-3_600_000);
    const expired = { authorization: `Bearer ${await world.order(namespace, 'late', { expirationSeconds: 600 })}` };
    world.sandbox.faults.moveClock(3_600_000);
    Object.assign(headers, {
      none: {},
      bad: { authorization: 'Bearer canary.of.nonsense' },
      expired,
      'no rights': await bearer('nobody'),
      'list only': await bearer('lister'),
      'service account': await bearer('worker'),
      'metrics reader': await bearer('prometheus'),
      'cluster-admin': await bearer('admin'),
      impersonator: { ...(await bearer('admin')), 'impersonate-user': 'system:admin' },
    } satisfies Record<CallerKind, object>);
    const muster = await world.as(namespace, 'muster');
    service = await startService({}, { access: createAccess(muster), metricsAccess: createMetricsAccess(muster) });
    await service.reports.create(validateSpec({}).spec, { username: 'ada' }, AbortSignal.timeout(5000));
  });
  afterAll(async () => {
    await service.close();
    await world.close();
  });

  it('is behind access, but for those that are for all', () => {
    const open = operations.filter(isOpen).map(({ method, path }) => `${method} ${path}`);
    expect(new Set(open)).toEqual(new Set(OPEN));
  });

  it.each(Object.keys(callers) as CallerKind[])('%s', async (kind) => {
    const before = [...service.reports.list()].length;
    for (const told of operations) {
      const { path, method } = told;
      const url = service.url + path.replace('{key}', '1').replace('{path}', 'top');
      const answer = await fetch(url, { method, headers: headers[kind] ?? {}, signal: AbortSignal.timeout(20_000) });
      await answer.body?.cancel();
      const { status } = answer;
      expect(isRight(kind, told, status), `${kind} ${method} ${path} ${status}`).toBe(true);
    }
    // Who is refused has changed nothing.
    if (callers[kind] !== undefined) expect([...service.reports.list()]).toHaveLength(before);
    expect(service.failures).toEqual([]);
  });

  it('is let in with the account of the expired token and a fresh one: nothing else was wrong with it', async () => {
    const fresh = { authorization: `Bearer ${await world.order(namespace, 'late')}` };
    expect((await fetch(`${service.url}/whoami`, { headers: fresh })).status).toBe(200);
  });

  it('tells the token to nobody', () => {
    expect(JSON.stringify([service.audits, [...service.reports.list()]])).not.toContain('canary');
  });
});
