import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { must } from './deployment.ts';
import { createAsker, expectNothingLeft, expectWhole } from './kill-reports.ts';
import { type Ground, prepareGround, stop, withPlace } from './kill-rounds.ts';
import { type Place, testHere } from './kill-service.ts';

// `kill -9` of what gathers, on the real cluster: of the person's command and of the wrapper that is PID 1 around it, at
// four moments of a gather.

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.remove());

/** Two seconds before the first write, a file at half time that is more than one chunk of an upload, and one at the end, when it waits to be killed. */
const gatherNamed = (name: string) =>
  [
    `: ${name}; sleep 2; echo one >/must-gather/version`,
    'head -c 20000000 /dev/urandom >/must-gather/half; sleep 8; echo last >/must-gather/last; sleep 60; true',
  ].join('; ');

type Process = { readonly pid: number; readonly words: readonly string[] };

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), words: commandLine(pid) }));
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // it ended meanwhile
  }
}

/** The person's command, as the machine of the nodes sees it. */
const commandOf = (name: string) =>
  processes().find(({ words }) => words[0] === '/bin/bash' && words[2]?.startsWith(`: ${name};`))?.pid;

const parentOf = (pid: number) => Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

const victims = { command: (pid: number) => pid, wrapper: parentOf };

type Gather = { readonly pid: number; readonly reportUid: string; readonly store: string };

const isThere = ({ pid }: Gather, file: string) => existsSync(`/proc/${pid}/root/must-gather/${file}`);

/** What has to have happened before it is killed. */
const moments: Readonly<Record<string, (gather: Gather) => boolean>> = {
  'before its first write': () => true,
  'half way': (gather) => isThere(gather, 'half'),
  'after the first chunk of its packer': ({ store, reportUid }) =>
    existsSync(`${store}/objects/parts/${reportUid}/good/members`),
  'at its end': (gather) => isThere(gather, 'last'),
};

testHere.each(Object.keys(victims) as (keyof typeof victims)[])(
  'the %s, killed at four moments',
  {
    timeout: 240_000,
  },
  async (victim) => {
    await withPlace({ ...ground, name: `of-${victim}` }, async (place) => {
      const asker = createAsker(place.url);
      const server = place.serve();
      expect(await server.listening).toBe(true);
      const asked = Object.keys(moments).map((_, index) => `${victim}-${index}`);
      for (const name of asked) await asker.ask({ command: gatherNamed(name), 'custom-name': name });
      await Promise.all(Object.values(moments).map((has, index) => killOnce(victim, `${victim}-${index}`, has, place)));
      const reports = await asker.untilEnded(120_000);
      expect(reports.map((report) => report['custom-name'])).toEqual(asked);
      for (const report of reports) {
        expect(report.message, report['custom-name']).toMatch(/exit code 137/);
        if (report['archive-sha256'] !== '') await expectWhole(report, await asker.data(report));
      }
      // Of all but the first something was there.
      expect(reports.map((report) => report['archive-sha256'] !== '')).toEqual([true, true, true, true]);
      await asker.removeAll();
      await stop(server);
      await expectNothingLeft(place);
    });
  },
);

async function killOnce(
  victim: keyof typeof victims,
  name: string,
  has: (gather: Gather) => boolean,
  { store }: Place,
): Promise<void> {
  await expect.poll(() => commandOf(name), { timeout: 60_000, interval: 100 }).toBeDefined();
  const pid = commandOf(name) ?? 0;
  const { items } = JSON.parse(must(['get', 'mgr', '-A', '-o', 'json'])) as {
    items: { metadata: { uid: string }; spec: { customName: string } }[];
  };
  const reportUid = items.find(({ spec }) => spec.customName === name)?.metadata.uid ?? '';
  await expect.poll(() => has({ pid, reportUid, store }), { timeout: 60_000, interval: 50 }).toBe(true);
  process.kill(victims[victim](pid), 'SIGKILL');
}
