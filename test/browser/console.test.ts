import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleWorld, startConsole } from '../console-host/console-world.ts';

/** The plugin may have to be built first. */
const STARTED_WITHIN_MS = 400_000;

/** Loads whatever the manifest refers to, in the page. */
const LOAD_ALL = `(async () => {
  const [{ status, manifest }] = pluginStore.getPluginInfo();
  const references = new Set([...JSON.stringify(manifest.extensions).matchAll(/"\\$codeRef":"([^"]+)"/g)].map(([, name]) => name));
  const missing = [];
  for (const reference of references) {
    const [module, name] = reference.split('.');
    if ((await pluginStore.getExposedModule('muster', module))[name] === undefined) missing.push(reference);
  }
  return { status, missing, references: references.size };
})()`;

describe('the plugin in the host of it', () => {
  let console: ConsoleWorld;
  let page: Page;
  beforeAll(async () => {
    console = await startConsole();
    page = await console.open('/dashboards', { token: await console.tokenOf('ada') });
  }, STARTED_WITHIN_MS);
  afterAll(() => console.close(), 60_000);

  it('is loaded by its manifest, with every module that it exposes', async () => {
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    const loaded = await page.evaluate(LOAD_ALL);
    expect(loaded).toMatchObject({ status: 'loaded', missing: [] });
    // Of each of the nine modules at least one export.
    expect((loaded as { readonly references: number }).references).toBeGreaterThan(8);
    expect(console.troubles).toEqual([]);
  });
});
