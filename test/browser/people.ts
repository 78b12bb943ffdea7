import { namespaces } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { clusterRoleBindings, serviceAccounts } from '../sandbox/access-world.ts';

const NAMESPACE = 'people';

/** For tests: people whom the cluster knows. */
export type People = {
  /** A token of somebody new; bound to cluster-admin unless told. */
  tokenOf(name: string, person?: { readonly isAdmin?: boolean }): Promise<string>;
  /** Ends the person's tokens. */
  remove(name: string): Promise<void>;
  /** Takes the person's rights. */
  unbind(name: string): Promise<void>;
};

export async function createPeople(kube: Kube): Promise<People> {
  await kube.create(namespaces, { metadata: { name: NAMESPACE } });
  return {
    tokenOf: async (name, { isAdmin = true } = {}) => {
      await kube.create(serviceAccounts, { metadata: { name } }, { namespace: NAMESPACE });
      if (isAdmin) {
        await kube.create(clusterRoleBindings, {
          metadata: { name },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
          subjects: [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }],
        });
      }
      return await order(kube, name);
    },
    remove: async (name) => {
      await kube.remove(serviceAccounts, name, { namespace: NAMESPACE });
    },
    unbind: async (name) => {
      await kube.remove(clusterRoleBindings, name);
    },
  };
}

/** As `kubectl create token` does. */
async function order(kube: Kube, account: string): Promise<string> {
  const kind = {
    group: '',
    version: 'v1',
    plural: `serviceaccounts/${account}/token`,
    kind: 'TokenRequest',
    namespaced: true,
  };
  const request = { apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec: {} };
  const answer = await kube.create(kind, request, { namespace: NAMESPACE });
  return (answer as { status?: { token?: string } }).status?.token ?? '';
}
