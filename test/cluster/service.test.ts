import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyArchive } from '../../src/archive/verify.ts';
import { scratch, untar } from '../contract/command.ts';
import { must } from './deployment.ts';
import { expectGone, type LiveService, startLiveService, tokenOf } from './live-service.ts';
import { image, loadImages } from './muster.ts';

// What the user interfaces of Forklift send (reference §B), and what `oc adm must-gather` can ask for, to the service as
// deploy/base installs it.

let live: LiveService;
let token = '';
beforeAll(async () => {
  loadImages(['good', 'targeted']);
  live = await startLiveService();
  token = tokenOf('boss');
  must(['set', 'env', '-n', 'muster', 'deployment/muster', `MUSTER_DEFAULT_IMAGE=${image('targeted')}`]);
  await live.restart();
});
afterAll(() => live?.remove());

type Shown = Readonly<Record<string, unknown>> & {
  readonly id: number;
  readonly name: string;
  readonly status: string;
};

const json = async (method: string, path: string, body?: string): Promise<Shown> =>
  JSON.parse((await live.call(method, path, { token, ...(body === undefined ? {} : { body }) })).body.toString());

/** Asks as the old interfaces do: POST, then GET by custom name every now and then, then `data` by number. */
async function gather(body: string, customName: string, look: (top: string) => Promise<void>): Promise<Shown> {
  const made = await live.call('POST', '/must-gather', { token, body });
  expect(made.status, made.body.toString()).toBe(201);
  let shown = await json('GET', `/must-gather/${encodeURIComponent(customName)}`);
  const lateAtMs = Date.now() + 150_000;
  while (shown.status !== 'completed' && shown.status !== 'error' && Date.now() < lateAtMs) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    shown = await json('GET', `/must-gather/${encodeURIComponent(customName)}`);
  }
  const { folder, remove } = await scratch();
  try {
    const data = (await live.call('GET', `/must-gather/${shown.id}/data`, { token })).body;
    expect(createHash('sha256').update(data).digest('hex')).toBe(shown['archive-sha256']);
    const archive = join(folder, 'archive.tar.gz');
    await writeFile(archive, data);
    await verifyArchive(archive);
    await look(await untar(archive, folder));
  } finally {
    await remove();
  }
  expectGone(shown.name, 'muster');
  return shown;
}

const gatheredIn = async (top: string) => (await readdir(top)).filter((name) => name.includes('sha256')).sort();

test('a plan, as the Forklift pages ask for it: the archive inside is unfolded', async () => {
  const body = '{"custom-name":"plan:web","command":"PLAN=web /usr/bin/targeted"}';
  const shown = await gather(body, 'plan:web', async (top) => {
    const [folder = ''] = await gatheredIn(top);
    const inside = await readdir(join(top, folder));
    expect(inside).not.toContain('must-gather.tar.gz');
    const plan = await readFile(join(top, folder, 'namespaces/shop/crs/plan/web.yaml'), 'utf8');
    expect(plan).toContain('name: "web"');
  });
  expect(shown).toMatchObject({
    status: 'completed',
    'custom-name': 'plan:web',
    command: 'PLAN=web /usr/bin/targeted',
    'archive-name': 'must-gather-plan:web.tar.gz',
  });
});

test('a VM, as the console plugin asks for it', async () => {
  const customName = 'vm:db:3a1c';
  const body = `{"custom-name":"${customName}","command":"VM=db /usr/bin/targeted"}`;
  const shown = await gather(body, customName, async (top) => {
    const [folder = ''] = await gatheredIn(top);
    expect(await readFile(join(top, folder, 'namespaces/shop/logs/asked.log'), 'utf8')).toBe('vm=db plan= ns=\n');
  });
  expect(shown).toMatchObject({ status: 'completed', 'archive-name': 'must-gather-vm:db:3a1c.tar.gz' });
});

test('two images on each of two nodes', async () => {
  const images = [image('good'), image('targeted')];
  const wish = { 'custom-name': 'everywhere', images, 'node-selector': 'kubernetes.io/os=linux', timeout: '2m' };
  const shown = await gather(JSON.stringify(wish), 'everywhere', async (top) => {
    const nodes = (await readdir(top)).filter((name) => name.startsWith('node-')).sort();
    expect(nodes).toEqual(['node-1', 'node-2']);
    for (const node of nodes) expect(await gatheredIn(join(top, node))).toHaveLength(2);
  });
  expect(shown).toMatchObject({ status: 'completed', phase: 'Completed', message: '' });
  expect((shown.gathers as { node: string }[]).map(({ node }) => node).sort()).toEqual([
    'node-1',
    'node-1',
    'node-2',
    'node-2',
  ]);
});
