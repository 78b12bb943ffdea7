// Writes what is made from the sources; with --check it writes nothing and fails where a file is stale.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { clientVersion } from '../src/cli/version.ts';
import { mustGatherReportCrd } from '../src/report/crd.ts';
import { settingsTable } from '../src/report/service-settings.ts';
import { openApi } from '../src/server/openapi-document.ts';
import { commandReference } from './command-reference.ts';
import { errorReference, reasonReference } from './error-reference.ts';
import { withMade } from './markdown.ts';
import { olmBundle } from './olm-bundle.ts';
import { wordsOfPages } from './pages-words.ts';
import { specReference, statusReference } from './resource-reference.ts';
import { restReference } from './rest-reference.ts';

const root = path.join(import.meta.dirname, '..');
const HEADER = '# Made by `npm run generate` from src/report/crd.ts: change it there.\n';

const files: readonly { readonly name: string; readonly content: string }[] = [
  // Long patterns stay on one line: folding them would put breaks where a reader looks for characters.
  {
    name: 'deploy/base/crd.yaml',
    content: HEADER + stringify(mustGatherReportCrd(), { lineWidth: 0, aliasDuplicateObjects: false }),
  },
  { name: 'deploy/Containerfile', content: await withVersion('deploy/Containerfile') },
  ...olmBundle().map(({ name, content }) => ({ name: `deploy/olm/bundle/${name}`, content })),
  await page('docs/commands.md', commandReference()),
  await page('docs/configuration.md', settingsTable()),
  await page('docs/custom-resource.md', specReference(), statusReference()),
  await page('docs/errors.md', errorReference(), reasonReference()),
  { name: 'docs/openapi.json', content: `${JSON.stringify(openApi(), null, 2)}\n` },
  await page('docs/rest.md', restReference(openApi())),
  { name: 'web/locales/en/plugin__muster.json', content: `${JSON.stringify(wordsOfPages(), null, 2)}\n` },
];

/** A Containerfile whose argument VERSION is that of package.json. */
async function withVersion(name: string): Promise<string> {
  const text = await readFile(path.join(root, name), 'utf8');
  return text.replace(/^ARG VERSION=.*$/m, `ARG VERSION=${clientVersion()}`);
}

/** A page of which parts are made. */
async function page(name: string, ...made: string[]): Promise<{ name: string; content: string }> {
  return { name, content: withMade(name, await readFile(path.join(root, name), 'utf8'), made) };
}

async function isFresh(file: { name: string; content: string }): Promise<boolean> {
  try {
    return (await readFile(path.join(root, file.name), 'utf8')) === file.content;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function check(): Promise<void> {
  for (const file of files) {
    if (await isFresh(file)) continue;
    console.error(`${file.name} is stale: run \`npm run generate\` and commit it`);
    process.exitCode = 1;
  }
}

async function write(): Promise<void> {
  for (const file of files) {
    await mkdir(path.dirname(path.join(root, file.name)), { recursive: true });
    await writeFile(path.join(root, file.name), file.content);
  }
}

await (process.argv.includes('--check') ? check() : write());
