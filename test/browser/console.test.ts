import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleWorld, STARTED_WITHIN_MS, startConsole } from '../console-host/console-world.ts';

const ENDS_WITHIN_MS = 100_000;
const SLOW = { timeout: 200_000 };
/** The floor of the design, as it was sent: gzip. */
const MOST_ON_DASHBOARD_BYTES = 60_000;

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
  let world: ConsoleWorld;
  let token = '';
  let page: Page;
  beforeAll(async () => {
    world = await startConsole();
    token = await world.tokenOf('ada');
    page = await world.open('/dashboards', { token });
  }, STARTED_WITHIN_MS);
  afterAll(() => world.close(), 60_000);

  const dialog = (of = page) => of.getByRole('dialog', { name: 'Generate diagnostic report' });
  const ask = async (path: string) => (await world.ask(token, path)).body;

  it('puts little on a visit of the dashboard: its items are there before anything of the dialog is loaded', async () => {
    await health(page).getByText('No reports').waitFor();
    await card(page, 'Details').getByRole('link', { name: '0 ready' }).waitFor();
    await alertOf(page, 'ClusterOperatorDegraded').getByRole('button', { name: 'Generate report' }).waitFor();
    // What is loaded ahead anywhere is, 2 s after the page.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const sizes = world.host.fetched.map(({ sizeBytes }) => sizeBytes);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_ON_DASHBOARD_BYTES);
  });

  it('is loaded by its manifest, with every module that it exposes', async () => {
    const loaded = await page.evaluate(LOAD_ALL);
    expect(loaded).toMatchObject({ status: 'loaded', missing: [] });
    // Of each module at least one export.
    expect((loaded as { readonly references: number }).references).toBeGreaterThan(8);
    expect(world.troubles).toEqual([]);
  });

  it('adds an item to the navigation, which leads to the reports and says so', async () => {
    await page.getByRole('link', { name: 'Diagnostic reports' }).click();
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/muster/reports');
    expect(await page.getByRole('link', { name: 'Diagnostic reports' }).getAttribute('class')).toContain(
      'pf-m-current',
    );
    await page.goto(`${world.host.url}/muster/nowhere`);
    await page.getByText('There is no such page').or(page.getByText('not found')).first().waitFor();
    await page.goto(`${world.host.url}/muster`);
    await card(page, 'Status').getByText('image-registry').waitFor();
    expect(world.troubles).toEqual([]);
  });

  it('opens the dialog from an alert, with only what it is about checked', async () => {
    await page.goto(`${world.host.url}/dashboards`);
    const checkedBy = async (alert: string) => {
      await alertOf(page, alert).getByRole('button', { name: 'Generate report' }).click();
      await dialog().getByText('1 of 4 selected').waitFor();
      const boxes = dialog().getByRole('checkbox');
      const names: string[] = [];
      for (const box of await boxes.all()) if (await box.isChecked()) names.push((await box.getAttribute('id')) ?? '');
      const labels = await Promise.all(names.map((id) => dialog().locator(`label[for="${id}"]`).textContent()));
      await page.keyboard.press('Escape');
      await dialog().waitFor({ state: 'detached' });
      return labels;
    };
    expect(await checkedBy('HCOOperatorConditionsUnhealthy')).toEqual(['Virtualization (sample) 4.22.1']);
    // An operator without a gather image of its own is in the cluster's report.
    expect(await checkedBy('ClusterOperatorDegraded')).toEqual(['Cluster (OpenShift 4.22.3-sample)']);
  });

  it('opens the dialog from the address that the help menu leads to, once', async () => {
    await page.goto(`${world.host.url}/muster?generate`);
    await dialog().getByText('4 of 4 selected').waitFor();
    expect(await dialog().getByRole('combobox').or(dialog().getByLabel('Time period')).first().inputValue()).toBe('8h');
    expect(new URL(page.url()).search).toBe('');
    await page.reload();
    await card(page, 'Status').waitFor();
    expect(await dialog().count()).toBe(0);
  });

  it('from the popover: asked for, followed on the dashboard, downloaded whole, deleted', SLOW, async () => {
    await page.goto(`${world.host.url}/dashboards`);
    await health(page).getByRole('button', { name: 'Diagnostics' }).click();
    await popover(page).getByText('There are no reports').waitFor();
    await popover(page).getByRole('button', { name: 'Generate report' }).click();
    await dialog().getByText('4 of 4 selected').waitFor();
    // It would hide part of the dialog.
    await popover(page).waitFor({ state: 'detached' });
    await dialog().getByRole('button', { name: 'Generate', exact: true }).click();
    await page.getByRole('button', { name: 'View on dashboard' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe('/dashboards');

    const activity = card(page, 'Activity').getByRole('listitem').filter({ hasText: '#1' });
    await activity.getByText('Generating diagnostic report').waitFor();
    await activity.getByText(/ of 4 components/).waitFor();
    await health(page).getByText('Generating report').waitFor();
    await card(page, 'Details').getByRole('link', { name: '0 ready, 1 ongoing' }).waitFor();
    await health(page).getByText('Report is ready').waitFor({ timeout: ENDS_WITHIN_MS });
    await activity.waitFor({ state: 'detached' });
    await card(page, 'Details').getByRole('link', { name: '1 ready', exact: true }).waitFor();

    await health(page).getByRole('button', { name: 'Diagnostics' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      popover(page).getByRole('link', { name: 'Download report' }).click(),
    ]);
    const report = await ask('/1');
    expect(download.suggestedFilename()).toBe(report['archive-name']);
    const bytes = await readFile(await download.path());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(report['archive-sha256']);

    await popover(page).getByRole('button', { name: 'Actions for report' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog', { name: 'Delete report?' }).getByRole('button', { name: 'Delete' }).click();
    await health(page).getByText('No reports').waitFor();
    expect(await ask('/1')).toMatchObject({ code: 'NotFound' });
    expect(world.troubles).toEqual([]);
  });

  it('has a tab with what became of reports, and the activity beside it', SLOW, async () => {
    await page.goto(`${world.host.url}/dashboards`);
    await page.getByRole('tab', { name: 'Diagnostics' }).click();
    await page.getByText('There are no reports').first().waitFor();
    await page.getByRole('button', { name: 'Generate report' }).click();
    await dialog().getByLabel('Select all').click();
    await dialog()
      .getByLabel(/^Cluster/)
      .check();
    await dialog().getByText('1 of 4 selected').waitFor();
    await dialog().getByRole('button', { name: 'Generate', exact: true }).click();
    await page.getByRole('dialog').getByText('Close', { exact: true }).click();
    await page.getByRole('region', { name: 'Activity' }).getByText('Generating diagnostic report').waitFor();
    const pinned = page.getByRole('region', { name: 'Diagnostic reports' });
    await pinned.getByRole('heading', { name: 'Diagnostic report is ready' }).waitFor({ timeout: ENDS_WITHIN_MS });
    await pinned.getByRole('link', { name: /^#\d+$/ }).click();
    await page.getByRole('heading', { name: /^Report #\d+$/ }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/muster\/reports\/\d+$/);
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.getByRole('tree').getByText('must-gather.logs').waitFor();
    await page.getByRole('tab', { name: 'Log' }).click();
    await page
      .getByText(/Gather/)
      .first()
      .waitFor();
    expect(world.troubles).toEqual([]);
  });
});

/** One of the host's cards, which have the names of the console's. */
function card(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

function health(page: Page): Locator {
  return page.locator('[data-test="health-Diagnostics"]');
}

function popover(page: Page): Locator {
  return page.getByRole('dialog').filter({ hasText: 'View reports' });
}

function alertOf(page: Page, name: string): Locator {
  return page.locator('[data-test="status-card-alert"]').filter({ hasText: name });
}
