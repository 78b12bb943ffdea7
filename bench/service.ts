// The service as deploy/base installs it, on the current cluster: from a gather's last write to `Ready`, and from the
// request to the gather's pod.
//
//   KUBECONFIG=… node bench/service.ts [--seconds 60] [--bytes 1000000000] [--asked 20]
//
// Needs the image of test/images/bulk in the cluster (`../shared/cluster/image` loads it, or MUSTER_TEST_IMAGES). Moments
// are the API server's and the gather's own; on the test cluster both clocks are this machine's. Asserts nothing.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { must } from '../test/cluster/deployment.ts';
import { type LiveService, startLiveService, tokenOf } from '../test/cluster/live-service.ts';
import { image, loadImages } from '../test/cluster/muster.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    bytes: { type: 'string', default: '1000000000' },
    asked: { type: 'string', default: '20' },
  },
});

type Shown = {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly 'archive-size': number;
  readonly 'exec-output': string;
};

async function untilOver(live: LiveService, token: string, id: number): Promise<Shown> {
  for (;;) {
    const { body } = await live.call('GET', `/must-gather/${id}`, { token });
    const shown = JSON.parse(body.toString()) as Shown;
    if (shown.status === 'completed' || shown.status === 'error') return shown;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** What the server's process takes now, and took at most. */
function serverBytes(): string {
  const status = must(['exec', '-n', 'muster', 'deployment/muster', '--', 'cat', '/proc/1/status']);
  const lines = status.split('\n').filter((line) => /^(VmHWM|VmRSS|RssAnon):/.test(line));
  return lines.join('; ').replaceAll(/\s+/g, ' ');
}

async function exitToReady(live: LiveService, token: string): Promise<void> {
  const command = `SECONDS_TO_WRITE=${values.seconds} TOTAL_BYTES=${values.bytes} /usr/bin/gather`;
  const request = JSON.stringify({ image: image('bulk'), command, timeout: '10m', 'volume-percentage': 95 });
  const { id, name } = JSON.parse(
    (await live.call('POST', '/must-gather', { token, body: request })).body.toString(),
  ) as Shown;
  const shown = await untilOver(live, token, id);
  const ready = must([
    'get',
    'mgr',
    name,
    '-n',
    'muster',
    '-o',
    'jsonpath={.status.conditions[?(@.type=="Ready")].lastTransitionTime}',
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'bench-service-'));
  try {
    const file = join(folder, 'a.tar.gz');
    writeFileSync(file, (await live.call('GET', `/must-gather/${id}/data`, { token })).body);
    const endedAt = execFileSync('tar', ['-xzOf', file, '--wildcards', '*/ended-at'], { encoding: 'utf8' });
    const way = /copying what was gathered/.test(shown['exec-output']) ? 'exec' : 'packer';
    const seconds = Date.parse(ready) / 1000 - Number(endedAt);
    console.log(`${shown.status} ${shown.message} through the ${way}: last write to Ready ${seconds.toFixed(1)} s`);
    console.log(`archive ${statSync(file).size} bytes; server: ${serverBytes()}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  must(['delete', 'mgr', name, '-n', 'muster', '--timeout=60s']);
}

async function askedToPod(live: LiveService, token: string): Promise<void> {
  const tookMs: number[] = [];
  for (let asked = 0; asked < Number(values.asked); asked += 1) {
    const askedAtMs = Date.now();
    const request = JSON.stringify({ image: image('good'), timeout: '1m' });
    const { id, name } = JSON.parse(
      (await live.call('POST', '/must-gather', { token, body: request })).body.toString(),
    ) as Shown;
    const uid = must(['get', 'mgr', name, '-n', 'muster', '-o', 'jsonpath={.metadata.uid}']);
    const selector = `muster.dev/report=${uid}`;
    while (must(['get', 'pods', '-A', '-l', selector, '-o', 'name']) === '') {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    tookMs.push(Date.now() - askedAtMs);
    await untilOver(live, token, id);
    must(['delete', 'mgr', name, '-n', 'muster', '--timeout=60s']);
  }
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => tookMs[Math.min(tookMs.length - 1, Math.floor(share * tookMs.length))];
  console.log(`asked to pod, kubectl's own time included: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms of ${tookMs.length}`);
}

loadImages(['bulk', 'good']);
const live = await startLiveService();
try {
  const token = tokenOf('boss');
  console.log(`server when idle: ${serverBytes()}`);
  await exitToReady(live, token);
  await askedToPod(live, token);
} finally {
  live.remove();
}
