import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bin } from '../sandbox/service-world.ts';
import { openApiDoor } from './door.ts';
import { GATHER_IMAGE, gatherFor, makeReport, startGatherWorld } from './gathers.ts';
import { untilListening } from './serve-process.ts';

/** Kubernetes kills a pod 30 s after it was told to end. */
const KILLED_AFTER_MS = 30_000;

// Ill clusters are those in which nodes are drained: the API server is away, and the server is told to end.
it('a server that is told to end while the API server is away does so before it is killed', async () => {
  const world = await startGatherWorld();
  const { door, kubeconfigFile } = await openApiDoor(world);
  const where = [`--kubeconfig=${kubeconfigFile}`, '--namespace=default', `--store=${join(world.folder, 'own-store')}`];
  const server = spawn(process.execPath, [bin, 'serve', '--auth=none', '--listen=127.0.0.1:0', ...where], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(server, 'exit') as Promise<[number | null]>;
  try {
    const url = await untilListening(server, []);
    // Several, so that some are in the middle of a write.
    const wish = { image: GATHER_IMAGE, command: gatherFor(60), timeout: '5m' };
    for (let made = 0; made < 3; made += 1) await makeReport(url, wish);
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
