import { namespaces } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { createAccess } from '../../src/server/access.ts';
import { createSessionCookies } from '../../src/server/session-cookie.ts';
import { clusterRoleBindings, serviceAccounts } from '../sandbox/access-world.ts';
import { type PagesWorld, startPages } from './pages-world.ts';

const NAMESPACE = 'people';

/** For tests: the pages behind the login page, and tokens of people whom the cluster knows. */
export type LoginWorld = PagesWorld & {
  /** A token of somebody new; bound to cluster-admin unless told. */
  tokenOf(name: string, person?: { readonly isAdmin?: boolean }): Promise<string>;
  /** Ends the person's tokens. */
  remove(name: string): Promise<void>;
  /** Takes the person's rights. */
  unbind(name: string): Promise<void>;
};

export async function startLogin(): Promise<LoginWorld> {
  const pages = await startPages({
    sample: false,
    options: ({ kube }) => ({
      access: createAccess(kube),
      signIn: {
        auth: 'login',
        cookies: createSessionCookies({ key: new Uint8Array(32).fill(7), isSecure: false, nowMs: Date.now }),
      },
    }),
  });
  const { kube } = pages.world;
  await kube.create(namespaces, { metadata: { name: NAMESPACE } });
  return Object.assign(pages, {
    tokenOf: async (name: string, { isAdmin = true } = {}) => {
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
    remove: async (name: string) => {
      await kube.remove(serviceAccounts, name, { namespace: NAMESPACE });
    },
    unbind: async (name: string) => {
      await kube.remove(clusterRoleBindings, name);
    },
  });
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
