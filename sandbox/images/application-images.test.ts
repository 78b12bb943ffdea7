import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Starts an image's program by itself; its output so far is in `text()`. */
function start(image: string, env: Readonly<Record<string, string>> = {}) {
  const program = join(import.meta.dirname, image, 'root', 'usr', 'bin', image);
  const child = spawn(program, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const until = async (pattern: RegExp) => {
    const signal = AbortSignal.timeout(10_000);
    while (!pattern.test(text)) await once(child.stdout, 'data', { signal });
  };
  return { child, ended, until, text: () => text };
}

describe('the application images of the sample', () => {
  it.each([
    ['web', /GET \/basket/],
    ['worker', /handled 12 orders/],
  ])('%s says that it is a sample, logs, and stops when it is asked to', async (image, pattern) => {
    const started = start(image, { SAMPLE_ROLE: 'orders' });
    await started.until(pattern);
    expect(started.text().split('\n')[0]).toContain('this is a sample of the Muster sandbox');
    started.child.kill('SIGTERM');
    expect(await started.ended).toEqual([0, null]);
    expect(started.text()).toContain('stopped');
  });

  it('crashing ends with an error and says which', async () => {
    const started = start('crashing', { SAMPLE_ROLE: 'image-registry' });
    expect(await started.ended).toEqual([1, null]);
    expect(started.text()).toMatch(/sample of the Muster sandbox: it acts as image-registry/);
    expect(started.text()).toMatch(/level=fatal .*no space left on device/);
  });
});
