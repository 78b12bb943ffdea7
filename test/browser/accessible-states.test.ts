import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, untilState } from '../sandbox/service-world.ts';
import { violationsOf } from './looks.ts';
import { type OpenOptions, type PagesWorld, startPages } from './pages-world.ts';

const looks: readonly (readonly [string, OpenOptions])[] = [
  ['light', {}],
  ['dark', { dark: true }],
];
const SLOW = 'for i in $(seq 300); do echo line $i; sleep 1; done';

describe.each(looks)('states that come and go have no fault: %s', (_name, look) => {
  let pages: PagesWorld;
  beforeAll(async () => {
    pages = await startPages();
  });
  afterAll(() => pages.close(), 60_000);

  const rest = async (path: string, method = 'GET', body?: object) =>
    (await ask(`${pages.service.url}/must-gather${path}`, method, body)).body;
  const openDialog = async (page: Page) => {
    const dialog = page.getByRole('dialog', { name: 'Generate diagnostic report' });
    await dialog.getByRole('checkbox', { name: /^Cluster/ }).waitFor();
    return dialog;
  };

  it('the dialog: as it opens, with everything unfolded and wrong, and while it gathers', async () => {
    const page = await pages.open('/?generate', look);
    const dialog = await openDialog(page);
    expect(await violationsOf(page)).toEqual([]);
    await dialog.getByLabel('Time period').selectOption('Custom…');
    await dialog.getByRole('button', { name: 'Advanced' }).click();
    await dialog.getByLabel('Nodes', { exact: true }).selectOption('All with a label');
    await dialog.getByRole('textbox', { name: 'Timeout' }).fill('1d');
    await dialog.getByRole('textbox', { name: 'Command' }).fill(SLOW);
    await dialog.getByRole('button', { name: 'Generate', exact: true }).click();
    await dialog.getByText('Fill this in.').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await dialog.getByLabel('Nodes', { exact: true }).selectOption('One, chosen by the service');
    await dialog.getByRole('textbox', { name: 'Timeout' }).fill('');
    await dialog.getByRole('button', { name: 'Generate', exact: true }).click();
    await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor();
    await page.getByRole('button', { name: 'Log' }).click();
    await page.getByRole('region', { name: 'Log' }).getByText('line 2').first().waitFor();
    expect(await violationsOf(page)).toEqual([]);

    const id = Number(
      /\/(\d+)$/.exec((await page.locator('a[href^="/reports/"]').first().getAttribute('href')) ?? '')?.[1],
    );
    const log = await pages.open(`/reports/${id}/log`, look);
    await log.getByRole('button', { name: 'Pause' }).waitFor();
    expect(await violationsOf(log)).toEqual([]);
    await log.getByRole('textbox', { name: 'Search the log' }).fill('line');
    await log.locator('mark').first().waitFor();
    expect(await violationsOf(log)).toEqual([]);

    await page.getByRole('button', { name: 'Cancel report' }).click();
    await page.getByRole('dialog', { name: /Cancel report\?/ }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await rest(`/${id}`, 'DELETE');
  });

  it('messages: of a failure, of what is incomplete, of what was cancelled', async () => {
    const made = [];
    for (const command of ['exit 3', 'echo found > /must-gather/found; exit 4']) {
      made.push(Number((await rest('', 'POST', { components: ['cluster'], command, since: '8h' })).id));
    }
    for (const id of made) await untilState(`${pages.service.url}/must-gather/${id}`, ['completed', 'error']);
    const page = await pages.open('/', look);
    await page.getByRole('heading', { name: /Diagnostic report failed/ }).waitFor();
    await page.getByRole('heading', { name: /but incomplete/ }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    for (const id of made) {
      const report = await pages.open(`/reports/${id}`, look);
      await report.getByRole('heading', { name: `Report #${id}` }).waitFor();
      expect(await violationsOf(report)).toEqual([]);
    }
    await page
      .getByRole('button', { name: /^Actions for report/ })
      .first()
      .click();
    await page.getByRole('menuitem').first().waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });

  it('trouble: no rights, no such report, a service that cannot be reached', async () => {
    const page = await pages.open('about:blank', look);
    await page.route('**/session', (route) =>
      route.fulfill({ json: { auth: 'login', user: { username: 'ada' }, forbidden: true } }),
    );
    await page.goto(pages.service.url);
    await page.getByRole('heading', { name: 'You need cluster-admin to use reports.' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.unroute('**/session');
    await page.goto(new URL('/reports/99999', pages.service.url).href);
    await page.getByRole('heading', { name: 'There is no report 99999' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.route(/\/(overview|components)$/, (route) => route.abort());
    await page.goto(new URL('/?generate', pages.service.url).href);
    await page.getByRole('dialog').getByRole('heading', { name: 'The service cannot be reached' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await pages.stop();
    await page.getByText('Reconnecting…').waitFor({ timeout: 30_000 });
    expect(await violationsOf(page)).toEqual([]);
    await pages.again();
  });
});
