import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../contract/command.ts';

/** The release that an installation is upgraded from, and goes back to. */
const RELEASE = 'v0.1.0';
/** What that tag names, for a clone that brought no tags. */
const COMMIT = '455b519eda239bda717eca7a7191d493aba64580';

const git = (...args: string[]) => spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' });

/** The commit of the release before; undefined where this is no clone with its history. */
export function releaseBefore(): string | undefined {
  for (const name of [`${RELEASE}^{commit}`, `${COMMIT}^{commit}`]) {
    const { status, stdout } = git('rev-parse', '--verify', '--quiet', name);
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

/** Its sources in a folder that the caller removes, with the packages of these here. */
export function checkOut(commit: string): { readonly sources: string; remove(): void } {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'muster-before-'));
  const sources = join(folder, 'muster');
  mkdirSync(sources);
  const archive = execFileSync('git', ['-C', root, 'archive', commit], { maxBuffer: 256 * 2 ** 20 });
  execFileSync('tar', ['x', '-C', sources], { input: archive });
  for (const packages of ['node_modules', 'web/node_modules']) {
    symlinkSync(realpathSync(join(root, packages)), join(sources, packages));
  }
  // Its scripts look for the tool of the test cluster beside the sources.
  symlinkSync(realpathSync(join(root, '..', 'shared')), join(folder, 'shared'));
  return { sources, remove: () => rmSync(folder, { recursive: true }) };
}
