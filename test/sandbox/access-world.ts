import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/server.ts';
import { type ConnectOptions, connect } from '../../src/kube/connect.ts';
import { type Kind, type KubeObject, namespaces, type Pod } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { mustGatherReportCrd } from '../../src/report/crd.ts';
import { PLURAL } from '../../src/report/kind.ts';
import { definitions, untilServed } from './more-kinds.ts';

export type Loose = KubeObject & { [field: string]: unknown };

const kindOf = (group: string, plural: string, kind: string, namespaced: boolean): Kind<Loose> => ({
  group,
  version: 'v1',
  plural,
  kind,
  namespaced,
});
export const rbac = 'rbac.authorization.k8s.io';
export const serviceAccounts = kindOf('', 'serviceaccounts', 'ServiceAccount', true);
export const services = kindOf('', 'services', 'Service', true);
export const configMaps = kindOf('', 'configmaps', 'ConfigMap', true);
export const secrets = kindOf('', 'secrets', 'Secret', true);
export const roles = kindOf(rbac, 'roles', 'Role', true);
export const clusterRoles = kindOf(rbac, 'clusterroles', 'ClusterRole', false);
export const roleBindings = kindOf(rbac, 'rolebindings', 'RoleBinding', true);
export const clusterRoleBindings = kindOf(rbac, 'clusterrolebindings', 'ClusterRoleBinding', false);
const authorization = 'authorization.k8s.io';
export const subjectReviews = kindOf(authorization, 'subjectaccessreviews', 'SubjectAccessReview', false);
export const localReviews = kindOf(authorization, 'localsubjectaccessreviews', 'LocalSubjectAccessReview', true);
export const rulesReviews = kindOf(authorization, 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', false);
export const whoami = kindOf('authentication.k8s.io', 'selfsubjectreviews', 'SelfSubjectReview', false);
export const tokenReviews = kindOf('authentication.k8s.io', 'tokenreviews', 'TokenReview', false);

/** For tests: a sandbox, its administrator, and whoever else they make up. */
export type AccessWorld = Awaited<ReturnType<typeof startAccessWorld>>;

export async function startAccessWorld(options: SandboxOptions = {}) {
  const sandbox: Sandbox = await startSandbox(options);
  const folder = await mkdtemp(join(tmpdir(), 'access-'));
  const open: Kube[] = [];
  const opened = async (connectOptions: ConnectOptions) => {
    const kube = await connect(connectOptions);
    open.push(kube);
    return kube;
  };
  const asAdmin = { kubeconfigText: sandbox.kubeconfig, env: {} };
  const admin = await opened(asAdmin);
  const ca = await admin.get(configMaps, 'kube-root-ca.crt', { namespace: 'default' });
  const certificateAuthority = join(folder, 'ca.crt');
  await writeFile(certificateAuthority, (ca.data as Record<string, string>)['ca.crt'] ?? '');

  /** The API server as the holder of a token sees it. */
  const holding = (token: string, more: Partial<ConnectOptions> = {}) =>
    opened({ server: sandbox.server, token, certificateAuthority, env: {}, ...more });
  /** Orders a token of the account by TokenRequest. */
  const order = async (namespace: string, account: string, spec: object = {}): Promise<string> => {
    const kind = kindOf('', `serviceaccounts/${account}/token`, 'TokenRequest', true);
    const request = { apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec };
    const answer = await admin.create(kind, request, { namespace });
    return (answer.status as { token: string }).token;
  };
  return {
    sandbox,
    admin,
    holding,
    order,
    /** The API server as the account sees it. */
    as: async (namespace: string, account: string) => holding(await order(namespace, account)),
    impersonating: (as: string, asGroups: readonly string[] = []) => opened({ ...asAdmin, as, asGroups }),
    /** Serves Muster's own kind. */
    async defineReports(): Promise<void> {
      const crd = mustGatherReportCrd();
      await admin.create(definitions, crd as Loose);
      await untilServed(sandbox, PLURAL);
    },
    makeNamespace: async (): Promise<string> =>
      (await admin.create(namespaces, { metadata: { generateName: 'access-' } })).metadata.name ?? '',
    makeAccount: (namespace: string, name: string) =>
      admin.create(serviceAccounts, { metadata: { name } }, { namespace }),
    /** Binds the account `from/account` in `namespace`, or everywhere. */
    bind: (namespace: string | undefined, account: string, kind: string, role: string, from = namespace) => {
      const binding = {
        metadata: { generateName: 'test-' },
        roleRef: { apiGroup: rbac, kind, name: role },
        subjects: [{ kind: 'ServiceAccount', name: account, namespace: from }],
      };
      return namespace === undefined
        ? admin.create(clusterRoleBindings, binding)
        : admin.create(roleBindings, binding, { namespace });
    },
    async close() {
      await Promise.all(open.map((kube) => kube.close()));
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
}

export function podOf(name: string, spec: object = {}): Pod {
  return { metadata: { name }, spec: { containers: [{ name: 'one', image: 'none' }], ...spec } };
}
