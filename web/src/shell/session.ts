import type { RestClient } from '../reports/rest-client.ts';

/** What GET /session tells: how one signs in here, and who one is. */
export type Session = {
  readonly auth: 'none' | 'login' | 'proxy';
  readonly user?: { readonly username: string };
  /** Signed in, but no cluster-admin. */
  readonly forbidden?: boolean;
};

/** Asks who is signed in. Throws RequestFailed. */
export function readSession(client: RestClient, signal?: AbortSignal): Promise<Session> {
  return client.json<Session>('/session', { signal });
}
