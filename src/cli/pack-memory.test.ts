import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packSettings, startIngestWorld } from '../../test/sandbox/ingest-world.ts';

const isLong = process.env.MUSTER_LONG !== undefined;
const root = join(import.meta.dirname, '../..');

/** Lines of a log that compress as logs do. */
function logText(lines: number): string {
  const line = (i: number) =>
    `2026-11-21T10:${i % 60}:00.${(i * 7919) % 1_000_000}Z I1121 controller.go:${i % 900}] reconciled ns-${i % 40}/pod-${(i * 31) % 5000} id=${((i * 2_654_435_761) >>> 0).toString(16)}\n`;
  return Array.from({ length: lines }, (_, i) => line(i)).join('');
}

/** What the kernel tells of a process; nothing once it is gone. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

// As it runs in a pod: out of the bundle, with the flags of pack-container.ts. Stripping types alone takes 40 MB.
test.skipIf(process.platform !== 'linux')(
  'a packer stays under 128 MB, with large files and with many',
  async () => {
    const world = await startIngestWorld();
    try {
      const at = (name: string) => join(world.folder, name);
      const settings = packSettings(world);
      mkdirSync(at('bundle'));
      await promisify(execFile)(process.execPath, [join(root, 'scripts/bundle.ts'), at('bundle/muster.mjs')]);
      const [files, logs] = isLong ? [200_000, 100] : [10_000, 10];
      const text = logText(20_000);
      for (let i = 0; i < logs; i++) for (let n = 0; n < 5; n++) appendFileSync(at(`source/pod-${i}.log`), text);
      for (let i = 0; i < files; i++) {
        if (i % 1000 === 0) mkdirSync(at(`source/ns-${i / 1000}`));
        writeFileSync(at(`source/ns-${Math.floor(i / 1000)}/pod-${i}.yaml`), `kind: Pod\nname: pod-${i}\n`);
      }
      const child = spawn(process.execPath, [at('bundle/muster.mjs'), 'pack'], {
        env: {
          PATH: process.env.PATH,
          NODE_OPTIONS: '--max-semi-space-size=1 --max-old-space-size=32',
          ...settings,
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      let peakMb = 0;
      const look = setInterval(() => {
        const status = statusOf(child.pid ?? 0);
        peakMb = Math.max(peakMb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
        if (world.said.progress.some((told) => told.files > files / 2)) writeFileSync(at('control/ended'), '');
      }, 50);
      const [exitCode] = await once(child, 'exit');
      clearInterval(look);
      process.stdout.write(
        `a packer of ${files} small files and ${logs} logs took ${Math.round(peakMb)} MB at its peak\n`,
      );
      expect({ exitCode, files: world.said.ends[0]?.files }).toEqual({ exitCode: 0, files: files + logs });
      expect(peakMb).toBeGreaterThan(40);
      expect(peakMb).toBeLessThan(128);
    } finally {
      await world.close();
    }
  },
  600_000,
);
