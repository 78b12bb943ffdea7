import { afterEach, describe, expect, test } from 'vitest';
import type { ClusterOperator, ClusterVersion, Condition } from '../kube/kinds.ts';
import type { TestServer } from '../kube/test-server.ts';
import { operatorLines, summarizeCluster, versionText } from './summary.ts';
import { listOf, startApi } from './test-api.ts';

const now = new Date('2026-11-21T10:00:00Z');
type History = NonNullable<NonNullable<ClusterVersion['status']>['history']>;

function version(history: History, desired = '4.22.1', progressing?: string): ClusterVersion {
  const conditions: Condition[] =
    progressing === undefined ? [] : [{ type: 'Progressing', status: 'True', message: progressing }];
  return {
    metadata: { name: 'version' },
    spec: { clusterID: '11111111-2222-3333-4444-a1b2c3d4e5f6' },
    status: { desired: { version: desired }, history, conditions },
  };
}

describe('where the cluster stands in its updates (reference §2.9)', () => {
  const older = { state: 'Completed', version: '4.21.9', startedTime: '2026-01-01T00:00:00Z' };
  const at = (startedTime: string) => ({ state: 'Partial', version: '4.22.1', startedTime });
  test.each<[string, ClusterVersion, string]>([
    ['no history', version([]), 'Installing "4.22.1" for <unknown>: <unknown>'],
    ['nothing at all', { metadata: { name: 'version' } }, 'Installing "" for <unknown>: <unknown>'],
    [
      'one entry that is not done',
      version([at('2026-11-21T09:30:00Z')], '4.22.1', 'Working'),
      'Installing "4.22.1" for 30m: Working',
    ],
    ['one entry that is done', version([{ ...older }]), 'Stable at "4.21.9"'],
    [
      'an update on its way',
      version([at('2026-11-21T07:00:00Z'), older], '4.22.1', '30% complete'),
      'Updating to "4.22.1" from "4.21.9" for 3h: 30% complete',
    ],
    [
      'an update that is done',
      version([{ ...at('2026-11-21T07:00:00Z'), state: 'Completed' }, older]),
      'Stable at "4.22.1"',
    ],
    ['an age of days', version([at('2026-11-11T10:00:00Z')]), 'Installing "4.22.1" for 10d: <unknown>'],
    ['an age of seconds', version([at('2026-11-21T09:59:18Z')]), 'Installing "4.22.1" for 42s: <unknown>'],
    ['a clock that is behind', version([at('2026-11-21T10:05:00Z')]), 'Installing "4.22.1" for 0s: <unknown>'],
  ])('%s', (_, given, expected) => {
    expect(versionText(given, now)).toBe(expected);
  });
});

type States = Partial<
  Record<'Available' | 'Degraded' | 'Progressing' | 'Upgradeable', [Condition['status'], string?] | null>
>;

function operator(name: string, states: States = {}): ClusterOperator {
  const usual: States = { Available: ['True'], Degraded: ['False'], Progressing: ['False'], Upgradeable: ['True'] };
  const conditions = Object.entries({ ...usual, ...states }).flatMap(([type, state]): Condition[] =>
    state === null || state === undefined ? [] : [{ type, status: state[0], message: state[1] ?? '' }],
  );
  return { metadata: { name }, status: { conditions } };
}

/** Only what is said of the operator itself. */
function said(states: States): string[] {
  return operatorLines([operator('dns', states)]).filter((line) => !line.endsWith(' is missing'));
}

describe('what is said of an operator: the first that holds', () => {
  test.each<[string, States, string[]]>([
    ['all well', {}, []],
    [
      'not available, and why',
      { Available: ['False', 'no pods'], Degraded: ['True', 'crash loop'] },
      ['clusteroperator/dns is not available (no pods) because crash loop'],
    ],
    [
      'unknown is not available',
      { Available: ['Unknown', '?'] },
      ['clusteroperator/dns is not available (?) because '],
    ],
    [
      'a missing condition is not available',
      { Available: null, Degraded: null },
      ['clusteroperator/dns is not available (<missing>) because <missing>'],
    ],
    ['degraded', { Degraded: ['True', 'one is down'] }, ['clusteroperator/dns is degraded because one is down']],
    ['a missing Degraded counts', { Degraded: null }, ['clusteroperator/dns is degraded because <missing>']],
    ['an unknown Degraded counts', { Degraded: ['Unknown', '?'] }, ['clusteroperator/dns is degraded because ?']],
    [
      'degraded comes before not upgradeable',
      { Degraded: ['True', 'down'], Upgradeable: ['False', 'old'] },
      ['clusteroperator/dns is degraded because down'],
    ],
    [
      'not upgradeable comes before progressing',
      { Upgradeable: ['False', 'old API'], Progressing: ['True', 'working'] },
      ['clusteroperator/dns is not upgradeable because old API'],
    ],
    ['a missing Upgradeable does not count', { Upgradeable: null }, []],
    ['progressing', { Progressing: ['True', 'rolling out'] }, ['clusteroperator/dns is progressing: rolling out']],
    ['a missing Progressing counts', { Progressing: null }, ['clusteroperator/dns is progressing: <missing>']],
  ])('%s', (_, states, expected) => {
    expect(said(states)).toEqual(expected);
  });
});

describe('the operators together', () => {
  const all = operatorLines([operator('x')]).map((line) => line.replace(/^clusteroperator\/(.*) is missing$/, '$1'));

  test('all that OpenShift has, and all well', () => {
    expect(all).toHaveLength(25);
    expect(all).toEqual([...all].sort());
    expect(operatorLines(all.map((name) => operator(name)))).toEqual(['All healthy and stable']);
  });

  test('trouble first, then what is missing', () => {
    const lines = operatorLines(
      all.slice(2).map((name) => operator(name, name === 'etcd' ? { Degraded: ['True', 'x'] } : {})),
    );
    expect(lines).toEqual([
      'clusteroperator/etcd is degraded because x',
      'clusteroperator/authentication is missing',
      'clusteroperator/cloud-credential is missing',
    ]);
  });

  test('none', () => {
    expect(operatorLines([])).toEqual(['clusteroperators are missing']);
  });
});

describe('the whole of it', () => {
  const VERSION = 'GET /apis/config.openshift.io/v1/clusterversions/version';
  const OPERATORS = 'GET /apis/config.openshift.io/v1/clusteroperators';
  let api: TestServer | undefined;
  afterEach(() => api?.close());
  const summarize = async (objects: Record<string, unknown>) => {
    api = await startApi(objects);
    return await summarizeCluster(api.kube(), '0.1.0', now);
  };

  test('OpenShift', async () => {
    const { clusterId, isOpenShift, lines } = await summarize({
      [VERSION]: version([{ state: 'Completed', version: '4.22.1' }]),
      [OPERATORS]: listOf(),
    });
    expect({ clusterId, isOpenShift }).toEqual({
      clusterId: '11111111-2222-3333-4444-a1b2c3d4e5f6',
      isOpenShift: true,
    });
    expect(lines.slice(1)).toEqual([
      'ClusterID: 11111111-2222-3333-4444-a1b2c3d4e5f6',
      'ClientVersion: 0.1.0',
      'ClusterVersion: Stable at "4.22.1"',
      'ClusterOperators:',
      '\tclusteroperators are missing',
    ]);
  });

  test('plain Kubernetes', async () => {
    const { clusterId, isOpenShift, lines } = await summarize({});
    expect({ clusterId, isOpenShift }).toEqual({ clusterId: '', isOpenShift: false });
    expect(lines).toContain('ClusterID: ');
  });

  test('what may not be read is told, and ends nothing', async () => {
    const { clusterId, lines } = await summarize({ [VERSION]: 403, [OPERATORS]: 403 });
    expect(clusterId).toBe('');
    expect(lines.join('\n')).toMatch(
      /error getting cluster version: .*\nClusterOperators:\n\terror getting cluster operators: /,
    );
  });
});
