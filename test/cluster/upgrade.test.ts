import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadMuster, must } from './deployment.ts';
import { expectGone, expectReady, type LiveService, startLiveService, tokenOf } from './live-service.ts';
import { image, loadImages } from './muster.ts';
import { checkOut, releaseBefore } from './release-before.ts';

// An installation of the release before becomes one of these sources, and goes back: kind, reports, numbers, archives and
// the certificate are served by both.

const commit = releaseBefore();
const isHere = commit !== undefined && process.env.MUSTER_TEST_IMAGES === undefined;
if (!isHere)
  process.stdout.write('upgrade and downgrade: left out, since its history or the tool for images is not here\n');

let before: { readonly sources: string; remove(): void } | undefined;
const BEFORE_IMAGE = 'localhost/muster:before';
let live: LiveService | undefined;
beforeAll(async () => {
  if (!isHere) return;
  loadImages(['good']);
  before = checkOut(commit);
  execFileSync(process.execPath, [join(before.sources, 'scripts/cluster-image.ts'), BEFORE_IMAGE], { stdio: 'pipe' });
  live = await startLiveService({ sources: before.sources, musterImage: BEFORE_IMAGE });
}, 600_000);
afterAll(() => {
  live?.remove();
  before?.remove();
});

type Shown = { readonly id: number; readonly name: string; readonly [key: string]: unknown };
type Made = { readonly shown: Shown; readonly digest: string };

async function call(method: string, path: string, wish?: object): Promise<{ status: number; body: Buffer }> {
  if (live === undefined) throw new Error('the service does not run');
  return await live.call(method, path, {
    token: tokenOf('boss'),
    ...(wish === undefined ? {} : { body: JSON.stringify(wish) }),
  });
}

const shownOf = async (id: number) => JSON.parse((await call('GET', `/must-gather/${id}`)).body.toString()) as Shown;
const digestOf = async (id: number) => {
  const { status, body } = await call('GET', `/must-gather/${id}/data`);
  return status === 200 ? createHash('sha256').update(body).digest('hex') : `status ${status}`;
};

/** One that is good, and one that fails. */
async function makeTwo(names: string): Promise<Made[]> {
  const wishes = [
    { image: image('good'), command: 'mkdir /must-gather/a; echo said; echo two >/must-gather/a/b' },
    { image: image('good'), 'node-name': 'no-such-node' },
  ];
  const made: Made[] = [];
  for (const [index, wish] of wishes.entries()) {
    const body = { 'custom-name': `${names}-${index}`, timeout: '2m', ...wish };
    const { status, body: answer } = await call('POST', '/must-gather', body);
    if (index === 1 && status === 404) continue; // refused at once
    expect(status, answer.toString()).toBe(201);
    const { id, name } = JSON.parse(answer.toString()) as Shown;
    if (index === 0) expectReady(name, 'muster');
    const ended = () => must(['get', 'mgr', name, '-n', 'muster', '-o', 'jsonpath={.status.finishedAt}']);
    await expect.poll(ended, { timeout: 120_000, interval: 500 }).not.toBe('');
    made.push({ shown: await shownOf(id), digest: await digestOf(id) });
  }
  return made;
}

/** All keys that a report had, with the same values; its log, its archive and a file of it are read. */
async function expectServed(made: readonly Made[]): Promise<void> {
  for (const { shown, digest } of made) {
    // Where it is reached may change with the release; how long ago it was is told anew.
    expect(await shownOf(shown.id)).toMatchObject(shown);
    expect(await digestOf(shown.id)).toBe(digest);
    expect((await call('GET', `/must-gather/${shown.id}/logs`)).status).toBe(200);
    if (digest.startsWith('status')) continue;
    expect((await call('POST', `/must-gather/${shown.id}/verify`)).status).toBe(200);
    const [top] = JSON.parse((await call('GET', `/must-gather/${shown.id}/files`)).body.toString()) as Shown[];
    expect((await call('GET', `/must-gather/${shown.id}/files/${top?.name}`)).status).toBe(200);
  }
}

const authority = () => must(['get', 'secret', 'muster-tls', '-n', 'muster', '-o', 'jsonpath={.data.ca\\.crt}']);
const ids = (made: readonly Made[]) => made.map(({ shown }) => shown.id);

test.skipIf(!isHere)('up to these sources, and back', { timeout: 600_000 }, async () => {
  if (live === undefined || before === undefined) throw new Error('the release before does not run');
  const old = await makeTwo('old');
  const trusted = authority();

  await live.become({ musterImage: loadMuster() });
  await expectServed(old);
  const fresh = await makeTwo('new');
  expect(Math.min(...ids(fresh))).toBeGreaterThan(Math.max(...ids(old)));
  expect(authority()).toBe(trusted);

  await live.become({ sources: before.sources, musterImage: BEFORE_IMAGE });
  await expectServed([...old, ...fresh]);
  const last = await makeTwo('last');
  expect(Math.min(...ids(last))).toBeGreaterThan(Math.max(...ids(fresh)));
  expect(authority()).toBe(trusted);
  for (const { shown } of [...old, ...fresh, ...last]) expectGone(shown.name, 'muster');
  expect(readNumbers()).toBe(String(Math.max(...ids(last))));
});

const readNumbers = () =>
  must(['get', 'configmap', 'muster-report-numbers', '-n', 'muster', '-o', 'jsonpath={.data.last}']);
