import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, untilState } from '../sandbox/service-world.ts';
import { type PagesWorld, startPages } from './pages-world.ts';

describe('the page of one report', () => {
  let pages: PagesWorld;
  beforeAll(async () => {
    pages = await startPages();
  });
  afterAll(() => pages.close(), 60_000);
  const make = async (body: object) => {
    const made = await ask(`${pages.service.url}/must-gather`, 'POST', body);
    return Number(made.body.id);
  };

  it('goes on from gathering to ready by itself, with its log, events and archive', { timeout: 120_000 }, async () => {
    const id = await make({ 'custom-name': 'case-7', components: ['odf-operator'], since: '2h' });
    const page = await pages.open(`/reports/${id}/log`);
    await page.getByRole('heading', { name: `Report case-7 (#${id})` }).waitFor();
    await page.getByRole('region', { name: 'Log' }).getByText('POD').first().waitFor();
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.waitForURL(new RegExp(`/reports/${id}$`));
    await page.getByText('Diagnostic report is ready').waitFor({ timeout: 60_000 });
    await page.getByText('last 2 hours').waitFor();
    const { body } = await ask(`${pages.service.url}/must-gather/${id}`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(body['archive-name']);
    const bytes = await readFile(await download.path());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(body['archive-sha256']);
    await page.getByRole('button', { name: /Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Verify archive' }).click();
    await page.getByText('is as it was sealed').waitFor();
    await page.getByRole('tab', { name: 'Events' }).click();
    await page.getByText('Planned', { exact: true }).waitFor();
    await page.getByText('Completed', { exact: true }).waitFor();
    expect(pages.troubles).toEqual([]);
  });

  it('finds words in the log, one after the other, and downloads it', async () => {
    const id = await make({ components: ['odf-operator'] });
    await untilState(`${pages.service.url}/must-gather/${id}`, ['completed']);
    const log = await (await fetch(`${pages.service.url}/must-gather/${id}/logs`)).text();
    const count = log.split('\n').filter((line) => line.toLowerCase().includes('not served')).length;
    const page = await pages.open(`/reports/${id}/log`);
    const search = page.getByRole('textbox', { name: 'Search the log' });
    await search.fill('NOT served');
    await page.getByText(`1 of ${count}`).waitFor();
    await page.getByRole('button', { name: 'Previous match' }).click();
    await page.getByText(`${count} of ${count}`).waitFor();
    await page.getByRole('button', { name: 'Next match' }).click();
    await page.getByText(`1 of ${count}`).waitFor();
    expect(await page.locator('mark').first().textContent()).toBe('not served');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download log' }).click(),
    ]);
    expect(await readFile(await download.path(), 'utf8')).toBe(log);
    expect(pages.troubles).toEqual([]);
  });

  it('says that there is none, and that one was deleted or asked for again elsewhere', async () => {
    const unknown = await pages.open('/reports/999');
    await unknown.getByRole('heading', { name: 'There is no report 999' }).waitFor();
    await unknown.getByRole('link', { name: 'Go to the reports' }).click();
    await unknown.waitForURL('**/reports');
    const id = await make({ components: ['odf-operator'] });
    await untilState(`${pages.service.url}/must-gather/${id}`, ['completed']);
    const page = await pages.open(`/reports/${id}`);
    await page.getByRole('heading', { name: `Report #${id}` }).waitFor();
    const again = await ask(`${pages.service.url}/must-gather/${id}/retry`, 'POST');
    await page.getByRole('heading', { name: `Report #${id} was deleted` }).waitFor();
    await page.getByRole('link', { name: `Go to report #${again.body.id}` }).click();
    await page.getByRole('heading', { name: `Report #${again.body.id}` }).waitFor();
    await ask(`${pages.service.url}/must-gather/${again.body.id}`, 'DELETE');
    await page.getByText('Its archive went with it.').waitFor();
    expect(pages.troubles).toEqual([]);
  });
});
