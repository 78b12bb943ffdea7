import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MusterError } from '../report/errors.ts';
import { invalidInput } from '../report/refusal.ts';
import { type Access, NoClusterAdmin } from './access.ts';
import type { AfterFailure } from './after-failure.ts';
import { sendJson } from './answer.ts';
import { sendIndex } from './page-routes.ts';
import type { Pages } from './pages.ts';
import { addResource } from './resource.ts';
import { refuseForeignPage, type SignedInAccess, type SignIn } from './sign-in.ts';

/** How one signs in here, and who is. */
export type Session = {
  readonly auth: SignIn['auth'];
  /** Absent while nobody is signed in. */
  readonly user?: { readonly username: string };
  /** Signed in, and no cluster-admin. */
  readonly forbidden?: true;
};

export type SessionRoutes = {
  readonly signIn: SignIn;
  /** For the token that is brought to the login page. */
  readonly access: Access;
  readonly signedIn: SignedInAccess;
  readonly afterFailure: AfterFailure;
  readonly pages: Pages | undefined;
};

/** `/session`, `/login` and `/logout`: open, since they are for who is not signed in yet. */
export function addSessionRoutes(app: FastifyInstance, routes: SessionRoutes): void {
  const { access, signedIn, afterFailure, pages } = routes;
  const isOpen = { isOpen: true };
  addResource(app, '/session', { GET: async (request, reply) => sendSession(request, reply, routes) }, isOpen);
  addResource(
    app,
    '/login',
    {
      GET: async (request, reply) => sendIndex(request, reply, pages),
      POST: async (request, reply) => {
        refuseForeignPage(request.headers);
        const { cookies } = loginOf(routes.signIn);
        const token = tokenIn(request.body);
        const headers = { ...request.headers, authorization: `Bearer ${token}` };
        const { username } = await access.authorize(headers, request.signal).catch((error: unknown) => {
          throw afterFailure(error, request, reply, true);
        });
        reply.header('set-cookie', await cookies.seal(token));
        return sendJson(reply, { auth: 'login', user: { username } } satisfies Session);
      },
    },
    isOpen,
  );
  addResource(
    app,
    '/logout',
    {
      POST: async (request, reply) => {
        refuseForeignPage(request.headers);
        return reply.code(204).header('set-cookie', loginOf(routes.signIn).cookies.clear()).send();
      },
    },
    isOpen,
  );
  async function sendSession(request: FastifyRequest, reply: FastifyReply, { signIn }: SessionRoutes) {
    const { auth } = signIn;
    try {
      const { username } = await signedIn.authorizeRequest(request);
      return sendJson(reply, { auth, user: { username } } satisfies Session);
    } catch (error) {
      const told = afterFailure(error, request, reply, signedIn.bringsToken(request.headers));
      if (told instanceof NoClusterAdmin) {
        return sendJson(reply, { auth, user: { username: told.username }, forbidden: true } satisfies Session);
      }
      if (told instanceof MusterError && told.code === 'CredentialsRejected') {
        return sendJson(reply, { auth } satisfies Session);
      }
      throw told;
    }
  }
}

function loginOf(signIn: SignIn): Extract<SignIn, { auth: 'login' }> {
  if (signIn.auth === 'login') return signIn;
  const how =
    signIn.auth === 'proxy' ? 'the proxy in front of Muster signs people in' : 'Muster asks nobody for a token';
  throw new MusterError('NotFound', `Nobody signs in here: ${how}.`);
}

/** The token as it was pasted, without the white space that comes along. */
function tokenIn(body: unknown): string {
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  if (typeof token !== 'string') throw invalidInput('token', 'expected JSON with the token as text');
  const bare = token.trim();
  if (/^[\w.~+/=-]+$/.test(bare)) return bare;
  throw invalidInput(
    'token',
    'this is no bearer token: one has no spaces and no characters but letters, digits and -._~+/=',
  );
}
