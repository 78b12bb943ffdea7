import { createAccess } from '../../src/server/access.ts';
import { createSessionCookies } from '../../src/server/session-cookie.ts';
import { type PagesWorld, startPages } from './pages-world.ts';
import { createPeople, type People } from './people.ts';

/** For tests: the pages behind the login page, and tokens of people whom the cluster knows. */
export type LoginWorld = PagesWorld & People;

export async function startLogin({ sample = false }: { readonly sample?: boolean } = {}): Promise<LoginWorld> {
  const pages = await startPages({
    sample,
    options: ({ kube }) => ({
      access: createAccess(kube),
      signIn: {
        auth: 'login',
        cookies: createSessionCookies({ key: new Uint8Array(32).fill(7), isSecure: false, nowMs: Date.now }),
      },
    }),
  });
  return Object.assign(pages, await createPeople(pages.world.kube));
}
