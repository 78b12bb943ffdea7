import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../sandbox/service-world.ts';
import { type PagesWorld, startPages } from './pages-world.ts';
import { plantReports, variedReports } from './planted-reports.ts';

// 10,000 take minutes to put into the sandbox.
const COUNT = process.env.MUSTER_LONG === undefined ? 45 : 10_000;
/** Reports that are asked for take the numbers from 1 on. */
const FIRST = 1001;
const LAST = FIRST + COUNT - 1;
const PLANTED_WITHIN_MS = 900_000;

describe('the list of reports', () => {
  let pages: PagesWorld;
  beforeAll(async () => {
    pages = await startPages();
    const page = await pages.open('/reports');
    await page.getByRole('heading', { name: 'No reports yet' }).waitFor();
    await page.getByRole('button', { name: 'Generate diagnostic report' }).waitFor();
    await pages.stop();
    await plantReports(pages.world.kube, variedReports(COUNT, Date.now(), FIRST));
    await pages.again();
  }, PLANTED_WITHIN_MS);
  afterAll(() => pages.close(), 60_000);

  const row = (page: Page, name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const titles = (page: Page) => page.getByRole('row').getByRole('link').allTextContents();
  const number = (title: string) => Number(/#(\d+)/.exec(title)?.[1]);

  it('searches, filters, sorts and turns pages, and keeps all of it over a report and a reload', async () => {
    const page = await pages.open('/reports');
    await row(page, `#${LAST}`).waitFor();
    expect(await titles(page)).toHaveLength(20);
    await page.getByRole('button', { name: 'Size', exact: true }).click();
    await page.getByRole('button', { name: 'Status', exact: true }).first().click();
    await page.getByRole('menuitem', { name: 'Ready', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Search reports' }).fill('odf ADA');
    const expected = variedReports(COUNT, Date.now(), FIRST)
      .filter(({ id, status }) => status.phase === 'Completed' && id % 3 === 0 && id % 2 === 1)
      .map(({ id }) => id);
    await expect.poll(async () => (await titles(page)).map(number)).toEqual(expected.slice(0, 20));
    await page.waitForURL((url) => url.searchParams.get('q') === 'odf ADA');
    await page.reload();
    await expect.poll(async () => (await titles(page)).map(number)).toEqual(expected.slice(0, 20));
    await page.getByRole('row').getByRole('link').first().click();
    await page.waitForURL(/\/reports\/\d+$/);
    await page.goBack();
    await expect.poll(async () => (await titles(page)).map(number)).toEqual(expected.slice(0, 20));
    await page.getByRole('textbox', { name: 'Search reports' }).fill('nothing like it');
    await page.getByRole('heading', { name: 'No report matches' }).waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).last().click();
    await expect.poll(() => titles(page)).toHaveLength(20);
    const first = await titles(page);
    await page.getByRole('button', { name: 'Next page' }).first().click();
    await page.waitForURL(/page=2/);
    await expect.poll(() => titles(page)).not.toEqual(first);
    const second = await titles(page);
    await page.reload();
    await expect.poll(() => titles(page)).toEqual(second);
    expect(pages.troubles).toEqual([]);
  });

  it('shows what is asked for elsewhere, and deletes several at once after one question', async () => {
    const page = await pages.open('/reports');
    await row(page, `#${LAST}`).waitFor();
    const { body } = await ask(`${pages.service.url}/must-gather`, 'POST', { components: ['odf-operator'] });
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    const made = row(page, `#${body.id}`);
    await made.waitFor();
    await made.getByText(/Waiting|Gathering|Packing/).waitFor();
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    const chosen = [LAST, LAST - 1];
    for (const id of chosen) await row(page, `#${id}`).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Delete (2)' }).click();
    const question = page.getByRole('dialog', { name: /Delete 2 reports\?/ });
    await question.getByRole('button', { name: 'Delete' }).click();
    for (const id of chosen) await row(page, `#${id}`).waitFor({ state: 'detached' });
    for (const id of chosen) {
      await expect.poll(async () => (await ask(`${pages.service.url}/must-gather/${id}`)).status).toBe(404);
    }
    expect((await ask(`${pages.service.url}/must-gather/${LAST - 3}`)).status).toBe(200);
    expect(pages.troubles).toEqual([]);
  });

  it('needs no scrolling sideways on a phone', async () => {
    const page = await pages.open('/reports', { width: 320 });
    await page
      .getByRole('link', { name: /^#\d+$/ })
      .first()
      .waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });
});
