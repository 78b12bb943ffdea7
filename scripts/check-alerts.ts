// Has promtool read the alerts of deploy/components/monitoring and run their cases, test/monitoring/alerts.yaml:
//   node scripts/check-alerts.ts [PROMTOOL]
// promtool comes with every Prometheus. Where it is not on the PATH, this says so and does no more.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

const root = join(import.meta.dirname, '..');
const promtool = process.argv[2] ?? 'promtool';

const { spec } = parse(readFileSync(join(root, 'deploy/components/monitoring/alerts.yaml'), 'utf8')) as {
  spec: object;
};
const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
try {
  writeFileSync(join(folder, 'rules.yaml'), stringify(spec));
  copyFileSync(join(root, 'test/monitoring/alerts.yaml'), join(folder, 'cases.yaml'));
  process.exitCode =
    run('check', 'rules', join(folder, 'rules.yaml')) || run('test', 'rules', join(folder, 'cases.yaml'));
} finally {
  rmSync(folder, { recursive: true });
}

function run(...args: string[]): number {
  const { error, status } = spawnSync(promtool, args, { stdio: 'inherit' });
  if (error === undefined) return status ?? 1;
  if (!('code' in error) || error.code !== 'ENOENT' || process.argv[2] !== undefined) throw error;
  console.log('alerts: left out, there is no promtool');
  return 0;
}
