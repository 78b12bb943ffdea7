// Pictures of the console's plugin for docs/console.md, in the host of it: `npm run screenshots`.
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { startConsole } from '../console-host/console-world.ts';

const folder = fileURLToPath(new URL('../../docs/images', import.meta.url));
const ENDS_WITHIN_MS = 200_000;
const SIZE = { width: 1280, height: 760 };

const world = await startConsole();
try {
  const token = await world.tokenOf('ada');
  const shoot = async (name: string, path: string, ready: (page: Page) => Promise<unknown>, dark = false) => {
    const page = await world.open(path, { token, dark, ...SIZE });
    await ready(page);
    // What moves in has arrived.
    await page.waitForTimeout(1000);
    await page.screenshot({ path: `${folder}/${name}.png` });
    await page.close();
  };
  const openPopover = (page: Page) => page.getByRole('button', { name: 'Diagnostics' }).click();
  const resource = (name: string) => `/k8s/ns/default/muster.dev~v1alpha1~MustGatherReport/${name}`;

  await shoot('console-alert', '/dashboards', async (page) => {
    const alert = page.locator('[data-test="status-card-alert"]').filter({ hasText: 'HCO' });
    await alert.getByRole('button', { name: 'Generate report' }).click();
    await page.getByText('1 of 4 selected').waitFor();
  });
  await shoot('console-generating', '/muster?generate', async (page) => {
    await page.getByText('4 of 4 selected').waitFor();
    await page.getByRole('button', { name: 'Generate', exact: true }).click();
    await page.getByRole('button', { name: 'View on dashboard' }).click();
    await page.getByText(/of 4 components/).waitFor();
  });
  await shoot('console-ready', '/dashboards', async (page) => {
    await page.getByText('Report is ready').waitFor({ timeout: ENDS_WITHIN_MS });
    await openPopover(page);
    await page.getByRole('link', { name: 'Download report' }).waitFor();
  });
  const dark = async (page: Page) => {
    await openPopover(page);
    await page.getByRole('link', { name: 'Download report' }).waitFor();
  };
  await shoot('console-ready-dark', '/dashboards', dark, true);
  await shoot('console-tab', '/dashboards/muster', (page) => page.getByText('Diagnostic report is ready').waitFor());
  await shoot('console-resource', resource('report-1'), async (page) => {
    await page.getByText('Ready', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Download report' }).waitFor();
  });
  await shoot('console-reports', '/muster/reports', (page) => page.getByRole('link', { name: '#1' }).waitFor());
  if (world.troubles.length > 0) throw new Error(world.troubles.join('\n'));
} finally {
  await world.close();
}
