import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Image, imageOf } from '../../sandbox/kubelet/images.ts';
import type { Service } from '../../src/server/service.ts';
import { openDirectoryStore } from '../../src/store/directory-store.ts';
import { leftovers } from '../contract/made.ts';
import { seeded } from '../faults/seeded.ts';
import { ask, type ServiceWorld, startServiceWorld, untilState } from './service-world.ts';
import { createTightStore, type TightStore } from './tight-store.ts';

const POINTS = process.env.MUSTER_LONG === undefined ? 5 : 200;
const SEED = 20_261_121;
const LARGE = 'test.invalid/large:1';
const PATIENT = 'test.invalid/patient:1';
/** What the guard keeps free at every other point, as `--store-reserve` does. */
const RESERVE_BYTES = 256 * 1024;

/** Some files, of which the most do not compress. */
const large = `#!/bin/bash
out=\${OUT:-/must-gather}
echo large >"$out/version"
for i in 1 2 3; do head -c 700000 /dev/urandom >"$out/random-$i"; seq 20000 >"$out/numbers-$i.log"; done
`;
/** One that has begun, and does not end before it is told to. */
const patient = `#!/bin/bash
out=\${OUT:-/must-gather}
echo patient >"$out/version"
exec 3<>"/dev/tcp/127.0.0.1/$PORT"
echo waiting >&3
read -r word <&3
echo "$word" >"$out/word"
`;

/** Where patient gathers wait. */
async function startGate() {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    waiting.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    waiting: () => waiting.size,
    open: () => {
      for (const socket of waiting) socket.end('go\n');
      waiting.clear();
    },
    close: () => {
      for (const socket of waiting) socket.destroy();
      server.close();
    },
  };
}

describe('a store that is full', () => {
  let world: ServiceWorld;
  let folder: string;
  let store: TightStore;
  let gate: Awaited<ReturnType<typeof startGate>>;
  let asked = 0;
  beforeAll(async () => {
    gate = await startGate();
    folder = await mkdtemp(join(tmpdir(), 'store-full-'));
    const image = async (name: string, script: string, env: Record<string, string> = {}): Promise<Image> => {
      const root = join(folder, name.replaceAll(/\W/g, '-'));
      await mkdir(join(root, 'usr', 'bin'), { recursive: true });
      await writeFile(join(root, 'usr', 'bin', 'gather'), script);
      await chmod(join(root, 'usr', 'bin', 'gather'), 0o755);
      return imageOf({ names: [name], env: { OUT: '/must-gather', ...env } }, root);
    };
    const moreImages = [await image(LARGE, large), await image(PATIENT, patient, { PORT: String(gate.port) })];
    world = await startServiceWorld({ sample: false, moreImages });
    const place = join(folder, 'store');
    store = createTightStore(await openDirectoryStore(place, { sweepBeforeMs: 0 }), place);
  }, 60_000);
  afterAll(async () => {
    gate.close();
    await world.close();
    await rm(folder, { recursive: true });
  }, 60_000);

  const report = async (service: Service, image: string) => {
    asked += 1;
    const { status, body } = await ask(`${service.url}/must-gather`, 'POST', { image, 'custom-name': `r-${asked}` });
    expect(status).toBe(201);
    const url = `${service.url}/must-gather/${body.id}`;
    const uidOf = async () =>
      (await world.kube.json<{ metadata: { uid: string } }>(objectPath(String(body.name)))).metadata.uid;
    return { url, uid: await uidOf() };
  };
  const objectPath = (name: string) => `/apis/muster.dev/v1alpha1/namespaces/default/mustgatherreports/${name}`;
  const ended = (url: string) => untilState(url, ['completed', 'error'], 60_000);
  const keysOf = async (uid: string) => (await store.list('')).map(({ key }) => key).filter((key) => key.includes(uid));
  const expectFetched = async (url: string) => {
    const done = await ended(url);
    expect([done.phase, done.message]).toEqual(['Completed', '']);
    const bytes = Buffer.from(await (await fetch(`${url}/data`)).arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(done['archive-sha256']);
  };
  const remove = async (url: string, uid: string) => {
    expect((await ask(url, 'DELETE')).status).toBe(204);
    await expect.poll(() => keysOf(uid), { timeout: 30_000 }).toEqual([]);
  };

  /** Where it is filled: a report that waits, one that fills the store, then one more. */
  const fillAt = async (service: Service, roomBytes: number, reserveBytes: number) => {
    const waiting = await report(service, PATIENT);
    await expect.poll(gate.waiting, { timeout: 30_000 }).toBe(1);
    store.setRoom(roomBytes, reserveBytes);
    const filling = await report(service, LARGE);
    const failed = await ended(filling.url);
    const why = `${failed.phase}: ${failed.message}`;
    if (failed.phase !== 'Completed') {
      expect(why).toMatch(/^(Failed|Partial): /);
      expect(why).toMatch(/no room in the store|ENOSPC|no space left/);
      expect(why).toContain(folder);
      // Its parts make room as soon as it has ended; what is left is what can be read of it.
      await expect
        .poll(() => keysOf(filling.uid), { timeout: 30_000 })
        .not.toContainEqual(expect.stringMatching(/^parts/));
      if (failed.phase === 'Failed')
        expect((await keysOf(filling.uid)).filter((key) => !key.startsWith('logs/'))).toEqual([]);
    }
    store.setRoom(Number.POSITIVE_INFINITY);
    gate.open();
    await expectFetched(waiting.url);
    const later = await report(service, LARGE);
    await expectFetched(later.url);
    for (const { url, uid } of [waiting, filling, later]) await remove(url, uid);
    await expect.poll(() => leftovers(world.kube), { timeout: 30_000 }).toEqual([]);
    return String(failed.phase);
  };

  it.each(['packers', 'exec'] as const)(
    'at any byte, through %s: that report fails and says why, others go on',
    {
      timeout: 60_000 + POINTS * 30_000,
    },
    async (way) => {
      const service = await world.start({ store, ...(way === 'packers' ? await world.withPackers() : {}) });
      onTestFinished(() => service.stop());
      const first = await report(service, LARGE);
      store.setRoom(Number.POSITIVE_INFINITY);
      const before = store.use().nowBytes;
      await expectFetched(first.url);
      const neededBytes = store.use().mostBytes - before;
      expect(neededBytes).toBeGreaterThan(4_000_000);
      await remove(first.url, first.uid);
      const random = seeded(SEED + way.length);
      const points = way === 'packers' ? Math.ceil(POINTS / 2) : Math.floor(POINTS / 2);
      const phases: string[] = [];
      for (let point = 0; point < points; point += 1) {
        const roomBytes = Math.floor(random() * neededBytes);
        phases.push(await fillAt(service, roomBytes, point % 2 === 0 ? 0 : RESERVE_BYTES));
      }
      expect(phases).not.toContain('Completed');
    },
  );
});
