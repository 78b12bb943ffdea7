import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { ask, bin, startServiceWorld } from '../sandbox/service-world.ts';
import { openDoor } from './door.ts';
import { GATHER_IMAGE, gatherFor, gatherImage } from './gather-images.ts';

/** Kubernetes kills a pod 30 s after it was told to end. */
const KILLED_AFTER_MS = 30_000;

// Ill clusters are those in which nodes are drained: the API server is away, and the server is told to end.
it('a server that is told to end while the API server is away does so before it is killed', async () => {
  const world = await startServiceWorld({ sample: false, moreImages: [await gatherImage()] });
  const toPort = Number(new URL(world.sandbox.server).port);
  const door = await openDoor(toPort);
  const kubeconfig = join(world.folder, 'through-the-door');
  await writeFile(kubeconfig, world.sandbox.kubeconfig.replaceAll(`:${toPort}`, `:${door.port}`), { mode: 0o600 });
  const args = ['serve', '--auth=none', '--listen=127.0.0.1:0', `--kubeconfig=${kubeconfig}`, '--namespace=default'];
  const server = spawn(process.execPath, [bin, ...args, `--store=${join(world.folder, 'own-store')}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(server, 'exit') as Promise<[number | null]>;
  try {
    const url = await new Promise<string>((resolve) => {
      createInterface({ input: server.stdout }).on('line', (line) => {
        const [, found] = /"message":"listening","url":"([^"]+)"/.exec(line) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    // Several, so that some are in the middle of a write.
    const wish = { image: GATHER_IMAGE, command: gatherFor(60), timeout: '5m' };
    for (let made = 0; made < 3; made += 1) expect((await ask(`${url}/must-gather`, 'POST', wish)).status).toBe(201);
    const phases = async () => JSON.stringify(await (await fetch(`${url}/must-gather`)).json());
    await expect.poll(phases, { timeout: 60_000, interval: 250 }).toContain('"phase":"Gathering"');
    door.shut();
    const late = setTimeout(() => server.kill('SIGKILL'), KILLED_AFTER_MS);
    server.kill('SIGTERM');
    const [exitCode] = await ended;
    clearTimeout(late);
    expect(exitCode, 'it ended by itself, and well').toBe(0);
  } finally {
    server.kill('SIGKILL');
    await ended;
    door.close();
    await world.close();
  }
});
