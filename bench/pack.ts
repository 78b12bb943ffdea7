// Packing a must-gather tree: Muster's members on all cores against `tar c | gzip -6`, which is what `tar czf` does.
//
//   node bench/pack.ts [--bytes 500000000]
//
// Makes the tree in a temporary folder (logs of lines that differ, and small YAML files), packs it both ways from page
// cache, and prints MB/s of wall time, MB per second of CPU, sizes and peak memory. Asserts nothing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { bytes: { type: 'string', default: '500000000' }, child: { type: 'string' } },
});

/** What the child process does: the tree into one archive. */
async function packTree(source: string): Promise<void> {
  const { packDirectory } = await import('../src/archive/pack-directory.ts');
  const { createPartWriter } = await import('../src/archive/part-writer.ts');
  const { sealArchive } = await import('../src/archive/seal.ts');
  const say = (line: string) => console.error(line);
  const writer = await createPartWriter({ directory: join(source, '..', 'part'), say });
  await packDirectory(source, writer, { prefix: 'top', say });
  const part = await writer.finish();
  await sealArchive({ parts: [part], generated: [], destination: join(source, '..', 'muster.tar.gz'), mtimeMs: 0 });
}

function makeTree(source: string, sizeBytes: number): void {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const line = () =>
    `2026-11-21T10:${random(60)}:${random(60)}.${random(1e6)}Z I1121 controller.go:${random(900)}] reconciled ` +
    `ns-${random(40)}/pod-${random(5000)} in ${random(5000)} ms requeue=${random(2) === 0} id=${random(2 ** 31).toString(16)}\n`;
  mkdirSync(join(source, 'logs'), { recursive: true });
  mkdirSync(join(source, 'objects'));
  const files = Math.max(1, Math.round(sizeBytes / 10_000_000));
  for (let file = 0; file < files; file += 1) {
    const lines: string[] = [];
    for (let bytes = 0; bytes < 9_900_000; ) {
      const text = line();
      bytes += text.length;
      lines.push(text);
    }
    writeFileSync(join(source, `logs/${file}.log`), lines.join(''));
    for (let i = 0; i < 50; i += 1) {
      const yaml = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-${random(1e6)}\n  uid: ${random(2 ** 31)}-${random(2 ** 31)}\n`;
      writeFileSync(join(source, `objects/${file}-${i}.yaml`), yaml.repeat(1 + random(20)));
    }
  }
}

type Measured = {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly sizeBytes: number;
};

function measure(command: readonly string[], output: string): Measured {
  const run = spawnSync('/usr/bin/time', ['-f', '%e %U %S %M', ...command], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  const [seconds = 0, user = 0, system = 0, peakKib = 0] = (run.stderr.trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number);
  return { seconds, cpuSeconds: user + system, peakBytes: peakKib * 1024, sizeBytes: statSync(output).size };
}

function print(name: string, rawBytes: number, { seconds, cpuSeconds, peakBytes, sizeBytes }: Measured): void {
  const perSecond = (span: number) => (rawBytes / 1e6 / span).toFixed(0);
  console.log(
    `${name}: ${seconds.toFixed(2)} s, ${perSecond(seconds)} MB/s, ${perSecond(cpuSeconds)} MB per CPU second, ` +
      `${(sizeBytes / 1e6).toFixed(1)} MB, peak ${(peakBytes / 1e6).toFixed(0)} MB`,
  );
}

if (values.child !== undefined) await packTree(values.child);
else {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-pack-'));
  try {
    const source = join(folder, 'tree');
    makeTree(source, Number(values.bytes));
    const raw = Number(spawnSync('du', ['-sb', source], { encoding: 'utf8' }).stdout.split('\t')[0]);
    const flags = ['--max-semi-space-size=1', '--max-old-space-size=32'];
    const ours = measure(
      [process.execPath, ...flags, import.meta.filename, '--child', source],
      join(folder, 'muster.tar.gz'),
    );
    const theirs = measure(
      ['tar', '-czf', join(folder, 'tar.tar.gz'), '-C', folder, 'tree'],
      join(folder, 'tar.tar.gz'),
    );
    print('muster', raw, ours);
    print('tar czf', raw, theirs);
    console.log(
      `ratio: ${(theirs.seconds / ours.seconds).toFixed(1)}x faster, ${(ours.sizeBytes / theirs.sizeBytes).toFixed(2)}x the size`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
