import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../contract/command.ts';
import { ask, freeVolumes, loadMuster, must } from './deployment.ts';

// What docs/install.md has a reader copy, copied.

const text = readFileSync(join(root, 'docs/install.md'), 'utf8');
const block = (heading: string) => text.split(`\n## ${heading}\n`)[1]?.match(/```\n([\s\S]*?)```/)?.[1] ?? '';
const installing = block('Three commands to the first report');
const removing = block('Remove');

let folder = '';
let image = '';
beforeAll(() => {
  image = loadMuster();
  if (ask(['get', 'namespace', 'muster']).ok) throw new Error('there is a namespace muster in this cluster already');
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'muster-reader-'));
  cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true });
});
afterAll(() => {
  // Where the test itself got so far, nothing is left for this.
  ask(['delete', 'mgr', '--all', '-A', '--timeout=60s']);
  ask(['delete', '--ignore-not-found', '--timeout=120s', '-k', join(folder, 'mine')]);
  freeVolumes();
  rmSync(folder, { recursive: true, force: true });
});

function asReader(commands: string): string {
  const [, name = image, tag = 'latest'] = /^(.*):([^:/]+)$/.exec(image) ?? [];
  const filled = commands.replaceAll('REGISTRY/muster', name).replaceAll('TAG', tag);
  const options = { cwd: folder, encoding: 'utf8', timeout: 600_000, stdio: 'pipe' } as const;
  return execFileSync('bash', ['-ceu', `set -o pipefail\n${filled}`], options);
}

test('three commands lead to the first report, and two take all of it away', { timeout: 900_000 }, async () => {
  const before = clusterScoped();
  expect(installing.trim().split('\n\n')).toHaveLength(3);
  expect(asReader(installing)).toContain('mustgatherreport.muster.dev/first condition met');
  const report = JSON.parse(must(['-n', 'muster', 'get', 'mgr', 'first', '-o', 'json'])) as {
    status: { phase: string };
  };
  expect(report.status.phase).toBe('Completed');
  asReader(removing);
  // Namespaces take their moments to go, also those of other suites.
  const added = () => clusterScoped().filter((name) => !before.includes(name));
  await expect.poll(added, { timeout: 60_000, interval: 1000 }).toEqual([]);
  expect(ask(['get', 'crd', 'mustgatherreports.muster.dev']).ok).toBe(false);
});

/** Everything that belongs to no namespace, and so all namespaces too; the kind itself another suite may have left. */
function clusterScoped(): string[] {
  const kinds = must(['api-resources', '--namespaced=false', '--verbs=list', '-o', 'name']).trim().split('\n');
  const names = must(['get', kinds.join(','), '-o', 'name', '--ignore-not-found'])
    .trim()
    .split('\n');
  return [...kinds, ...names].filter((name) => !name.endsWith('mustgatherreports.muster.dev')).sort();
}
