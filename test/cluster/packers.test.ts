import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyArchive } from '../../src/archive/verify.ts';
import { scratch, untar } from '../contract/command.ts';
import { must } from './deployment.ts';
import { expectGone, expectReady, type LiveService, startLiveService, tokenOf } from './live-service.ts';
import { image, loadImages } from './muster.ts';

// Packers beside real gathers, and the way through exec where one cannot do its work.

let live: LiveService;
let token = '';
beforeAll(async () => {
  loadImages(['good']);
  live = await startLiveService();
  token = tokenOf('boss');
});
afterAll(() => live?.remove());

type Shown = {
  readonly id: number;
  readonly name: string;
  readonly phase: string;
  readonly message: string;
  readonly 'exec-output': string;
  readonly 'archive-sha256': string;
};

/** Asks over REST for a report of image `good`, waits for it, and looks into its archive. */
async function gather(wish: object, look: (gathered: string) => Promise<void>): Promise<Shown> {
  const body = JSON.stringify({ image: image('good'), timeout: '2m', ...wish });
  const made = await live.call('POST', '/must-gather', { token, body });
  expect(made.status, made.body.toString()).toBe(201);
  const { id, name } = JSON.parse(made.body.toString()) as Shown;
  expectReady(name, 'muster');
  const shown = JSON.parse((await live.call('GET', `/must-gather/${id}`, { token })).body.toString()) as Shown;
  const { folder, remove } = await scratch();
  try {
    const data = (await live.call('GET', `/must-gather/${id}/data`, { token })).body;
    expect(createHash('sha256').update(data).digest('hex')).toBe(shown['archive-sha256']);
    const archive = join(folder, 'must-gather.local.tar.gz');
    await writeFile(archive, data);
    await verifyArchive(archive);
    const top = await untar(archive, folder);
    const [gathered = ''] = (await readdir(top)).filter((each) => each.includes('sha256'));
    await look(join(top, gathered));
  } finally {
    await remove();
  }
  expectGone(name, 'muster');
  return shown;
}

/** Of the two ways, the one that the report says it went. */
const wayOf = ({ 'exec-output': text }: Shown) => (/copying what was gathered/.test(text) ? 'exec' : 'packer');

/** What image `good` leaves. */
async function expectGood(gathered: string): Promise<void> {
  expect(await readFile(join(gathered, 'version'), 'utf8')).toBe('muster-test/good\n1.2.3-test\n');
  const log = join(gathered, 'namespaces/shop/pods/web-1/web/web/logs/current.log');
  expect((await readFile(log, 'utf8')).split('\n')).toHaveLength(20_001);
}

describe('a packer', () => {
  test('brings what was gathered', async () => {
    const shown = await gather({}, expectGood);
    expect([shown.phase, shown.message, wayOf(shown)]).toEqual(['Completed', '', 'packer']);
  });

  test('reaches the server from the node’s network', async () => {
    const shown = await gather({ 'host-network': true }, expectGood);
    expect([shown.phase, shown.message, wayOf(shown)]).toEqual(['Completed', '', 'packer']);
  });

  test('reads what only its owners may read', async () => {
    const command = [
      'cd /must-gather && mkdir -m 0700 theirs && echo root > root && echo other > theirs/other',
      'chmod 0600 root theirs/other && chown -R 1234:1234 theirs',
    ].join(' && ');
    const shown = await gather({ command }, async (gathered) => {
      expect(await readFile(join(gathered, 'root'), 'utf8')).toBe('root\n');
      expect(await readFile(join(gathered, 'theirs/other'), 'utf8')).toBe('other\n');
      expect((await stat(join(gathered, 'theirs/other'))).mode & 0o777).toBe(0o600);
    });
    expect([shown.phase, shown.message, wayOf(shown)]).toEqual(['Completed', '', 'packer']);
  });
});

describe('through exec', () => {
  test('goes what a packer cannot bring, as the ingest port is blocked', async () => {
    const selector = (app: string) =>
      must([
        'patch',
        'service',
        'muster-ingest',
        '-n',
        'muster',
        '-p',
        JSON.stringify({ spec: { selector: { app } } }),
      ]);
    selector('nobody');
    try {
      const shown = await gather({}, expectGood);
      expect([shown.phase, shown.message, wayOf(shown)]).toEqual(['Completed', '', 'exec']);
      expect(shown['exec-output']).toMatch(/nothing was heard of it for \d+ s/);
    } finally {
      selector('muster');
    }
  });

  test('goes what no packer is there for, as its image cannot be pulled', async () => {
    must(['set', 'env', 'deployment/muster', '-n', 'muster', 'MUSTER_PACK_IMAGE=localhost/absent:1']);
    await live.restart();
    const shown = await gather({}, expectGood);
    expect([shown.phase, shown.message, wayOf(shown)]).toEqual(['Completed', '', 'exec']);
    expect(shown['exec-output']).toContain('its image cannot be pulled');
  });
});
