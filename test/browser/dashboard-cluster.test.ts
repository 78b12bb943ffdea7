import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAlertReader } from '../../src/server/alertmanager.ts';
import { type PagesWorld, startPages } from './pages-world.ts';

const SOON = { timeout: 10_000 };

describe('the cluster on the dashboard', () => {
  let pages: PagesWorld;
  const alertmanager = createServer((_request, response) => {
    const alert = (alertname: string, severity: string, name = '') => ({
      labels: { alertname, severity, ...(name === '' ? {} : { name }) },
      annotations: { summary: `${alertname} is the matter` },
      startsAt: new Date(Date.now() - 600_000).toISOString(),
    });
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify([
        alert('KubePodCrashLooping', 'warning'),
        alert('ClusterOperatorDegraded', 'critical', 'image-registry'),
      ]),
    );
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => alertmanager.listen(0, '127.0.0.1', resolve));
    const { port } = alertmanager.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const readAlerts = createAlertReader({ url, caFile: undefined, tokenFile: undefined });
    pages = await startPages({ options: () => ({ readAlerts }) });
  });
  afterAll(async () => {
    await pages.close();
    await new Promise((resolve) => alertmanager.close(resolve));
  }, 60_000);

  const status = (page: Page) => page.getByRole('region', { name: 'Status' });
  const dialog = (page: Page) => page.getByRole('dialog', { name: 'Generate diagnostic report' });
  /** Components that are checked in the dialog, and all of them. */
  const chosen = async (page: Page) => {
    const boxes = dialog(page).getByRole('list', { name: 'Components' }).getByRole('checkbox');
    await boxes.first().waitFor();
    return { all: await boxes.count(), checked: await boxes.and(page.locator(':checked')).count() };
  };

  it('is told in a word each, by name, and in its details', async () => {
    const page = await pages.open('/');
    const items = status(page).getByRole('list').first().getByRole('listitem');
    await expect
      .poll(() => items.allTextContents(), SOON)
      .toEqual(['Clusterhealthy', expect.stringMatching(/^Operators \(\d\)not healthy$/), 'Nodeshealthy']);
    await page.getByRole('banner').getByText('sample-x7k2p').waitFor();
    const details = page.getByRole('region', { name: 'Details' });
    for (const text of ['4.22.3-sample', '3 of 3 ready', 'sample-x7k2p']) await details.getByText(text).waitFor();
    await page.getByRole('region', { name: 'Activity' }).getByText('No reports yet').waitFor();
    expect(pages.troubles).toEqual([]);
  });

  it('a degraded operator has a message, from which one asks for a report of it alone', async () => {
    const page = await pages.open('/');
    const messages = status(page).getByRole('region', { name: 'Operators that are not well' });
    await messages.getByRole('heading', { name: /Virtualization .* is degraded/ }).waitFor();
    await messages.getByRole('button', { name: /^Generate report of Virtualization/ }).click();
    expect(await chosen(page)).toEqual({ all: 4, checked: 1 });
    expect(
      await dialog(page)
        .getByRole('checkbox', { name: /^Virtualization/ })
        .isChecked(),
    ).toBe(true);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    // The focus is back where the dialog was opened.
    await expect
      .poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")'), SOON)
      .toMatch(/^Generate report of Virtualization/);
  });

  it('alerts stand below, the worst first; one of an operator has the same way in', async () => {
    const page = await pages.open('/');
    const alerts = status(page).getByRole('region', { name: 'Alerts' });
    await expect
      .poll(() => alerts.getByRole('listitem').allTextContents(), SOON)
      .toEqual([
        expect.stringMatching(/^ClusterOperatorDegraded.*critical.*10 minutes ago.*is the matter.*Generate report$/),
        expect.stringMatching(/^KubePodCrashLooping.*warning.*is the matter$/),
      ]);
    await alerts.getByRole('button', { name: 'Generate report of cluster' }).press('Enter');
    expect((await chosen(page)).checked).toBe(1);
  });

  it('the menu of the card, the help menu and the empty state open the dialog with all of it', async () => {
    const page = await pages.open('/');
    const ways = [
      async () => {
        await status(page).getByRole('button', { name: 'Status actions' }).press('Enter');
        await page.getByRole('menuitem', { name: 'Generate diagnostic report' }).press('Enter');
      },
      async () => {
        await page.getByRole('button', { name: 'Help menu' }).press('Enter');
        await page.getByRole('menuitem', { name: 'Generate diagnostic report' }).press('Enter');
      },
      () =>
        page
          .getByRole('region', { name: 'Activity' })
          .getByRole('button', { name: 'Generate diagnostic report' })
          .press('Enter'),
    ];
    for (const open of ways) {
      await open();
      expect(await chosen(page)).toEqual({ all: 4, checked: 4 });
      expect(await dialog(page).getByRole('combobox', { name: 'Time period' }).inputValue()).toBe('8h');
      await page.keyboard.press('Escape');
      await dialog(page).waitFor({ state: 'detached' });
    }
    await status(page).getByRole('button', { name: 'Status actions' }).press('Enter');
    await page.getByRole('menuitem', { name: 'View reports' }).press('Enter');
    await page.waitForURL('**/reports');
  });

  it('what cannot be read is said, and is read when one tries again', async () => {
    const page = await pages.open('about:blank');
    await page.route('**/overview', (route) =>
      route.fulfill({ status: 400, json: { code: 'InvalidInput', message: 'not today' } }),
    );
    await page.goto(pages.service.url);
    await status(page).getByText('not today').waitFor();
    await page.getByRole('region', { name: 'Details' }).getByText('Not known just now.').waitFor();
    await page.unroute('**/overview');
    await status(page).getByRole('button', { name: 'Try again' }).click();
    await status(page).getByText('Cluster', { exact: true }).waitFor();
    expect(await status(page).getByText('not today').count()).toBe(0);
  });

  it.each([
    { name: 'light', look: {} },
    { name: 'dark', look: { dark: true } },
    { name: 'narrow, with more contrast', look: { moreContrast: true, width: 320 } },
  ])('has nothing for axe to find: $name', async ({ look }) => {
    const page = await pages.open('/', look);
    await status(page).getByRole('region', { name: 'Alerts' }).waitFor();
    await page.getByRole('region', { name: 'Activity' }).getByText('No reports yet').waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  });
});
