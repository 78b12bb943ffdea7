import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../sandbox/service-world.ts';
import { measuring, median, tellFigures } from './figures.ts';
import { type PagesWorld, startPages } from './pages-world.ts';
import { plantReports, variedReports } from './planted-reports.ts';

// 10,000 take minutes to put into the sandbox.
const COUNT = process.env.MUSTER_LONG === undefined ? 45 : 10_000;
/** Reports that are asked for take the numbers from 1 on. */
const FIRST = 1001;
const LAST = FIRST + COUNT - 1;
const PLANTED_WITHIN_MS = 900_000;

/** Since the page was asked for, when the first report is shown. */
const SHOWN = `new Promise((resolve) => {
  const look = () => (document.querySelector('tbody a') ? resolve(performance.now()) : requestAnimationFrame(look));
  look();
})`;

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
  afterAll(() => pages.close(), 300_000);

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

  it('draws the list, and filters it with each key', { timeout: 300_000 }, async () => {
    const page = await pages.open('/reports');
    await row(page, `#${LAST}`).waitFor({ timeout: 200_000 });
    for (let run = 1; run <= 3; run += 1) {
      await page.reload();
      const shownMs = Number(await page.evaluate(SHOWN));
      tellFigures(`${COUNT} reports, list shown after a reload`, { shownMs });
    }
    const measure = await measuring(page);
    const search = page.getByRole('textbox', { name: 'Search reports' });
    await search.focus();
    const strokes = [];
    for (const key of 'storage grace') strokes.push(await measure(() => page.keyboard.press(key)));
    for (let back = 0; back < 6; back += 1) strokes.push(await measure(() => page.keyboard.press('Backspace')));
    tellFigures(`${COUNT} reports, one key in the search`, {
      scriptMs: median(strokes.map(({ scriptMs }) => scriptMs)),
      cpuMs: median(strokes.map(({ cpuMs }) => cpuMs)),
      mostCpuMs: Math.max(...strokes.map(({ cpuMs }) => cpuMs)),
      longestTaskMs: Math.max(...strokes.map(({ longestTaskMs }) => longestTaskMs)),
    });
    expect(await search.inputValue()).toBe('storage');
    await page.waitForURL((url) => url.searchParams.get('q') === 'storage');
    await page.getByText(/^\d+ reports match$/).waitFor({ state: 'attached' });
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
    for (const id of chosen)
      await page.getByRole('checkbox', { name: new RegExp(`^Select report .*#${id}\\b`) }).check();
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

  it('names the box of each row by its report, however the list is sorted', async () => {
    const page = await pages.open('/reports');
    await expect.poll(() => titles(page)).toHaveLength(20);
    const rows = () =>
      page.locator('tbody tr').evaluateAll((all) =>
        all.map((each) => ({
          title: each.querySelector('a')?.textContent,
          box: each.querySelector('input')?.getAttribute('aria-label'),
        })),
      );
    for (const column of ['Size', 'Started', 'Requested by', 'Report']) {
      await page.getByRole('columnheader', { name: column }).getByRole('button').click();
      await page.getByRole('columnheader', { name: column }).and(page.locator('[aria-sort$="ending"]')).waitFor();
      const shown = await rows();
      expect(shown).toHaveLength(20);
      for (const { title, box } of shown) expect(box).toBe(`Select report ${title}`);
    }
    await page.getByRole('checkbox', { name: 'Select this page' }).waitFor();
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
