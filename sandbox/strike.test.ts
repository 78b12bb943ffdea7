import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isNotFound, KubeError } from '../src/kube/errors.ts';
import { type AccessWorld, configMaps, startAccessWorld } from '../test/sandbox/access-world.ts';
import type { Fault } from './faults.ts';

const namespace = 'kube-public';

describe('on the wire, a fault', () => {
  let world: AccessWorld;
  beforeAll(async () => {
    world = await startAccessWorld();
  });
  afterEach(() => world.sandbox.faults.set([]));
  afterAll(() => world.close());

  const always = (fault: Fault) => world.sandbox.faults.set([{ fault, percent: 100 }]);
  const errorOf = async (asked: Promise<unknown>): Promise<KubeError> => {
    const error = await asked.then(
      () => undefined,
      (refused: unknown) => refused,
    );
    if (error instanceof KubeError) return error;
    throw new Error(`no error of the API: ${String(error)}`);
  };
  const create = (name: string) => world.admin.create(configMaps, { metadata: { name } }, { namespace });
  const isThere = async (name: string) => {
    world.sandbox.faults.set([]);
    return world.admin.get(configMaps, name, { namespace }).then(
      () => true,
      (error) => !isNotFound(error),
    );
  };

  it.each([409, 500, 503] as const)('of %d refuses, and nothing is done', async (code) => {
    always({ kind: 'refuse', code });
    const { status, reason } = await errorOf(create(`refused-${code}`));
    expect({ status, reason }).toEqual({
      status: code,
      reason: { 409: 'Conflict', 500: 'InternalError', 503: 'ServiceUnavailable' }[code],
    });
    expect(await isThere(`refused-${code}`)).toBe(false);
  });

  it('of 429 says when to come again', async () => {
    always({ kind: 'refuse', code: 429, retryAfterSeconds: 60 });
    expect(await errorOf(create('later'))).toMatchObject({ status: 429, retryAfterMs: 60_000 });
  });

  it('that resets leaves nothing done', async () => {
    always({ kind: 'reset' });
    expect(await errorOf(create('reset'))).toMatchObject({ status: 0, reason: 'ECONNRESET' });
    expect(await isThere('reset')).toBe(false);
  });

  it('that cuts an answer leaves it done', async () => {
    always({ kind: 'cut' });
    expect(await errorOf(create('cut'))).toMatchObject({ status: 0, next: 'retry' });
    expect(await isThere('cut')).toBe(true);
  });

  it('that cuts a watch does so within a line', async () => {
    for (let i = 0; i < 10; i++) await create(`watched-${i}`);
    always({ kind: 'cut' });
    const texts = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { body } = await world.admin.stream(`/api/v1/namespaces/${namespace}/configmaps?watch=true`);
        let text = '';
        try {
          for await (const chunk of body) text += String(chunk);
        } catch (error) {
          expect(error).toMatchObject({ code: 'UND_ERR_SOCKET' });
          return text;
        }
        throw new Error('it ended as if nothing had happened');
      }),
    );
    expect(texts.filter((text) => !text.endsWith('\n')).length).toBeGreaterThan(5);
    expect(texts.filter((text) => text.includes('\n')).length).toBeGreaterThan(2);
  });

  it('that stalls answers later', async () => {
    always({ kind: 'stall', ms: 300 });
    const startedAtMs = Date.now();
    await create('stalled');
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(290);
  });

  it('that is mute answers never', async () => {
    always({ kind: 'mute' });
    const signal = AbortSignal.timeout(500);
    await expect(world.admin.get(configMaps, 'kube-root-ca.crt', { namespace, signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('meets WebSockets, too', async () => {
    const path = `/api/v1/namespaces/${namespace}/pods/none/exec`;
    const protocols = ['v5.channel.k8s.io'];
    always({ kind: 'refuse', code: 503 });
    expect(await errorOf(world.admin.webSocket(path, protocols))).toMatchObject({ status: 503 });
    always({ kind: 'reset' });
    expect(await errorOf(world.admin.webSocket(path, protocols))).toMatchObject({ status: 0 });
    always({ kind: 'mute' });
    const signal = AbortSignal.timeout(300);
    await expect(world.admin.webSocket(path, protocols, { signal })).rejects.toBeTruthy();
  });
});
