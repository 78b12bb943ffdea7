import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleWorld, STARTED_WITHIN_MS, startConsole } from '../console-host/console-world.ts';

/** Sends what the page asks the service to do without the console's token against forged requests, or with a wrong one. */
async function spoilToken(page: Page): Promise<void> {
  await page.route('**/api/proxy/**', async (route) => {
    const headers = { ...route.request().headers(), 'x-csrftoken': 'of-another-session' };
    await route.continue({ headers });
  });
}

describe.each([
  ['4.22.0', 'toasts of its own'],
  ['4.23.1', "the console's toasts"],
])('where something is refused, on console %s with %s', (release) => {
  let world: ConsoleWorld;
  let page: Page;
  beforeAll(async () => {
    world = await startConsole({ release });
    page = await world.open('/dashboards', { token: await world.tokenOf('ada') });
  }, STARTED_WITHIN_MS);
  afterAll(() => world.close(), 60_000);

  it('a token against forged requests that is wrong is told in words, and nothing is asked for', async () => {
    await spoilToken(page);
    await page.goto(`${world.host.url}/muster?generate`);
    const dialog = page.getByRole('dialog', { name: 'Generate diagnostic report' });
    await dialog.getByText('4 of 4 selected').waitFor();
    await dialog.getByRole('button', { name: 'Generate', exact: true }).click();
    await dialog.getByText('The report could not be asked for').waitFor();
    await dialog.getByText(/The console refused the request \(invalid CSRFToken.*\)\. Load the page again\./).waitFor();
    await page.keyboard.press('Escape');
    await page.unroute('**/api/proxy/**');
    await page.getByRole('link', { name: 'Diagnostic reports' }).click();
    await page.getByText('No reports').first().waitFor();
  });

  it('an action that came to nothing is told in a toast', { timeout: 150_000 }, async () => {
    const token = await world.tokenOf('eve');
    const asked = await world.ask(token, '', 'POST', { components: ['cluster'], command: 'exit 3' });
    expect(asked.status).toBe(201);
    await page.goto(`${world.host.url}/dashboards`);
    const health = page.locator('[data-test="health-Diagnostics"]');
    await health.getByText('Report failed').waitFor({ timeout: 90_000 });
    await spoilToken(page);
    await health.getByRole('button', { name: 'Diagnostics' }).click();
    await page.getByRole('button', { name: 'Retry' }).click();
    const toast = page.getByText(/could not be retried/);
    await toast.waitFor();
    const isConsoles = await toast.evaluate((element) => element.closest('[data-console-toasts]') !== null);
    expect(isConsoles).toBe(release.startsWith('4.23'));
    await page.unroute('**/api/proxy/**');
    expect(world.troubles).toEqual([]);
  });

  it('who is no cluster-admin is told so where reports would be', async () => {
    const bob = await world.open('/dashboards', { token: await world.tokenOf('bob', { isAdmin: false }) });
    await bob.locator('[data-test="health-Diagnostics"][data-state="NOT_AVAILABLE"]').waitFor();
    await bob.goto(`${world.host.url}/muster/reports`);
    await bob.getByRole('heading', { name: 'You need cluster-admin to use reports' }).waitFor();
    await bob.goto(`${world.host.url}/muster`);
    await bob.getByRole('heading', { name: 'You need cluster-admin to use reports' }).waitFor();
    await bob.close();
    expect(world.troubles).toEqual([]);
  });
});
