// Every package that is installed, with the licence it came under: only those that Apache-2.0 can ship or build with.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/** Whether an SPDX expression such as `(MIT OR GPL-2.0)` leaves a choice that is allowed. */
export function isAllowed(expression: string): boolean {
  const bare = expression.replaceAll(/[()*]/g, ' ').trim();
  return bare.split(/\s+OR\s+/).some((choice) => choice.split(/\s+AND\s+/).every((name) => ALLOWED.has(name.trim())));
}

function main(): void {
  const root = join(import.meta.dirname, '..');
  const program = join(root, 'node_modules', '.bin', 'license-checker-rseidelsohn');
  const found = JSON.parse(
    execFileSync(process.execPath, [program, '--json', '--excludePrivatePackages', '--start', root], {
      encoding: 'utf8',
      maxBuffer: 64 * 2 ** 20,
    }),
  ) as Record<string, { licenses?: string | string[] }>;
  const packages = Object.entries(found);
  const refused = packages.filter(([, { licenses }]) => ![licenses ?? 'none'].flat().every(isAllowed));
  for (const [name, { licenses }] of refused) console.error(`${name}: ${String(licenses)}`);
  console.log(`licences: ${packages.length} packages, ${refused.length} refused`);
  process.exitCode = refused.length === 0 && packages.length > 0 ? 0 : 1;
}

if (import.meta.main) main();
