// Pictures of the pages for README and docs: `npm run screenshots`. From the service on the sandbox, as tests use it.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { ask, untilState } from '../sandbox/service-world.ts';
import { setup } from './build-pages.ts';
import { type OpenOptions, startPages } from './pages-world.ts';

const folder = fileURLToPath(new URL('../../docs/images', import.meta.url));
const ALL_DONE_WITHIN_MS = 120_000;

await mkdir(folder, { recursive: true });
await setup();
const pages = await startPages();
try {
  const at = (path: string) => `${pages.service.url}/must-gather${path}`;
  const shoot = async (name: string, path: string, ready: (page: Page) => Promise<void>, options: OpenOptions = {}) => {
    const page = await pages.open(path, { width: 1280, height: 860, ...options });
    await ready(page);
    await page.screenshot({ path: `${folder}/${name}.png` });
    await page.close();
  };
  const shows = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor();
  const openDialog = async (page: Page) => {
    await page.getByRole('button', { name: 'Help menu' }).click();
    await page.getByRole('menuitem', { name: 'Generate diagnostic report' }).click();
    await page.getByText('Select all').waitFor();
  };

  await shoot('reports-empty', '/reports', shows(/No .*reports/));
  await shoot('dialog', '/', openDialog);
  await shoot('dialog-progress', '/', async (page) => {
    await openDialog(page);
    await page.getByRole('button', { name: 'Generate', exact: true }).click();
    await page
      .getByText(/packing…|gathering…/)
      .first()
      .waitFor();
  });
  await shoot('dashboard-generating', '/', shows('Generating diagnostic report'));
  await untilState(at('/1'), ['completed'], ALL_DONE_WITHIN_MS);
  await ask(at(''), 'POST', { 'node-name': 'nowhere', 'custom-name': 'case-123' });
  await untilState(at('/2'), ['error'], ALL_DONE_WITHIN_MS);
  await ask(at(''), 'POST', { components: ['cluster'], command: 'echo half > /must-gather/half; exit 3' });
  await untilState(at('/3'), ['completed', 'error'], ALL_DONE_WITHIN_MS);
  await shoot('dashboard', '/', shows('Diagnostic report is ready'));
  await shoot('dashboard-dark', '/', shows('Diagnostic report is ready'), { dark: true });
  await shoot('dashboard-narrow', '/', shows('Diagnostic report is ready'), { width: 360, height: 900 });
  await shoot('reports', '/reports', shows('case-123'));
  await shoot('report', '/reports/1', shows(/sha256|SHA-256/i));
  await shoot('report-log', '/reports/1/log', shows(/Gathering|POD/));
  await shoot('report-files', '/reports/1/files', shows('must-gather.logs'));
  if (pages.troubles.length > 0) throw new Error(pages.troubles.join('\n'));
} finally {
  await pages.close();
}
