import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArchive } from '../../src/archive/read-archive.ts';
import { verifyArchive } from '../../src/archive/verify.ts';
import type { Service } from '../../src/server/service.ts';
import { ask, type ServiceWorld, startServiceWorld, untilState } from './service-world.ts';

describe('a service whose gathers have packers', () => {
  let world: ServiceWorld;
  let service: Service;
  let asked = 0;
  beforeAll(async () => {
    world = await startServiceWorld();
  });
  afterAll(() => world.close(), 60_000);

  const report = async (request: object) => {
    asked += 1;
    const name = `packed-${asked}`;
    const { status } = await ask(`${service.url}/must-gather`, 'POST', { 'custom-name': name, ...request });
    expect(status).toBe(201);
    return `${service.url}/must-gather/${name}`;
  };
  const pathsOf = async (url: string, sha256: unknown) => {
    const bytes = Buffer.from(await (await fetch(`${url}/data`)).arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    const file = join(world.folder, `${asked}.tar.gz`);
    await writeFile(file, bytes);
    await verifyArchive(file);
    const archive = await openArchive(file);
    try {
      return await Array.fromAsync(archive.entries(), ({ path }) => path.replace(/^[^/]+\/[^/]+\//, ''));
    } finally {
      await archive.close();
    }
  };
  /** Of the two ways, the one that the report says it went. */
  const wayOf = ({ 'exec-output': text }: Record<string, unknown>) =>
    /copying what was gathered/.test(String(text)) ? 'exec' : 'packer';

  it('has what a gather wrote brought by its packer', { timeout: 90_000 }, async () => {
    service = await world.start(await world.withPackers());
    const url = await report({ components: ['cluster'] });
    const done = await untilState(url, ['completed', 'error'], 60_000);
    expect([done.phase, done.message, wayOf(done)]).toEqual(['Completed', '', 'packer']);
    const paths = await pathsOf(url, done['archive-sha256']);
    expect(paths).toEqual(expect.arrayContaining(['version', 'gather.logs']));
    expect(paths.length).toBeGreaterThan(300);
    await service.stop();
  });

  it('goes on through exec when the packer image cannot be pulled', { timeout: 90_000 }, async () => {
    service = await world.start(await world.withPackers('test.invalid/nowhere:1'));
    const url = await report({ image: 'sample.invalid/migration/must-gather:2.11' });
    const done = await untilState(url, ['completed', 'error'], 80_000);
    expect([done.phase, done.message, wayOf(done)]).toEqual(['Completed', '', 'exec']);
    expect(done['exec-output']).toContain('its image cannot be pulled');
    expect(await pathsOf(url, done['archive-sha256'])).toContain('gather.logs');
    await service.stop();
  });

  // A minute of waiting: test/cluster/packers.test.ts tries the same on a real cluster, with the port blocked.
  it.runIf(process.env.MUSTER_LONG !== undefined)(
    'goes on through exec when packers do not reach the server',
    {
      timeout: 180_000,
    },
    async () => {
      const { packer, ingest } = await world.withPackers();
      const blocked = packer && { ...packer, ingestUrl: 'https://127.0.0.1:1' };
      service = await world.start({ ingest, packer: blocked });
      const url = await report({ image: 'sample.invalid/migration/must-gather:2.11' });
      const done = await untilState(url, ['completed', 'error'], 150_000);
      expect([done.phase, done.message, wayOf(done)]).toEqual(['Completed', '', 'exec']);
      expect(done['exec-output']).toContain('nothing was heard of it for 6');
      expect(await pathsOf(url, done['archive-sha256'])).toContain('gather.logs');
      await service.stop();
    },
  );

  it('goes on when the server changes in the middle', { timeout: 120_000 }, async () => {
    const packers = await world.withPackers();
    service = await world.start(packers);
    const url = await report({ 'all-images': true });
    const key = url.slice(url.lastIndexOf('/'));
    await expect
      .poll(async () => JSON.stringify((await ask(url)).body.gathers), { timeout: 30_000 })
      .toContain('Running');
    await service.stop();
    service = await world.start(packers);
    const done = await untilState(`${service.url}/must-gather${key}`, ['completed', 'error'], 90_000);
    expect([done.phase, done.message, wayOf(done)]).toEqual(['Completed', '', 'packer']);
    await pathsOf(`${service.url}/must-gather${key}`, done['archive-sha256']);
  });
});
