// Proves that imports point one way (.dependency-cruiser.cjs), and that the proof looked at every module: without a
// TypeScript that it can use, dependency-cruiser finds no modules and reports that all is well.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

export type Cruise = { readonly violations: readonly string[]; readonly modules: readonly string[] };

type Report = {
  modules: { source: string }[];
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
};

/** Cruises `folders` below `root`; throws when dependency-cruiser itself fails. */
export function cruise(root: string, folders: readonly string[], config: string): Cruise {
  const program = join(import.meta.dirname, '..', 'node_modules', '.bin', 'depcruise');
  const run = spawnSync(process.execPath, [program, '--config', config, '--output-type', 'json', ...folders], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 2 ** 20,
  });
  if (run.error !== undefined || run.stdout === '') throw new Error(`dependency-cruiser failed: ${run.stderr}`);
  const report = JSON.parse(run.stdout) as Report;
  return {
    violations: report.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
    modules: report.modules
      .map((module) => module.source)
      .filter((source) => /^(?!node_modules\/).*\.tsx?$/.test(source)),
  };
}

/** The TypeScript files of git's that the cruise did not see. */
export function unseen(files: readonly string[], cruised: Cruise): string[] {
  const seen = new Set(cruised.modules);
  return files.filter((file) => !seen.has(file));
}

function main(): void {
  const root = join(import.meta.dirname, '..');
  const folders = ['src', 'sandbox', 'scripts', 'test', 'bench', 'web'];
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...folders], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter((file) => /\.tsx?$/.test(file));
  const present = folders.filter((folder) => files.some((file) => file.startsWith(`${folder}/`)));
  const result = cruise(root, present, '.dependency-cruiser.cjs');
  const missed = unseen(files, result);
  for (const violation of result.violations) console.error(violation);
  for (const file of missed) console.error(`not cruised: ${file}`);
  console.log(
    `arrows: ${result.modules.length} modules, ${result.violations.length} violations, ${missed.length} unseen`,
  );
  process.exitCode = result.violations.length + missed.length === 0 ? 0 : 1;
}

if (import.meta.main) main();
