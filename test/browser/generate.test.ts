import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PagesWorld, startPages } from './pages-world.ts';

type Told = {
  readonly id: number;
  readonly phase: string;
  readonly components: readonly string[];
  readonly images: readonly string[];
  readonly since: string;
  readonly 'since-time': string;
  readonly 'custom-name': string;
  readonly 'node-selector': string;
  readonly 'delete-after': string;
  readonly 'archive-sha256': string;
};

/** Slow enough to be looked at while it runs, and ended by a word to the sandbox. */
const SLOW = 'trap "exit 0" TERM; echo one > /must-gather/one; echo line of the log; sleep 60 & wait';

describe('the dialog that asks for a report', () => {
  let pages: PagesWorld;
  beforeAll(async () => {
    pages = await startPages();
  });
  afterEach(() => {
    expect(pages.troubles).toEqual([]);
  });
  afterAll(() => pages.close(), 60_000);

  const reports = async (): Promise<readonly Told[]> => {
    const response = await fetch(`${pages.service.url}/must-gather`);
    return (await response.json()) as Told[];
  };
  const newest = async (): Promise<Told> => {
    const last = (await reports()).at(-1);
    if (last === undefined) throw new Error('there is no report');
    return last;
  };
  const post = (path: string, method = 'POST') => fetch(new URL(path, pages.service.url), { method });
  const opened = async (path = '/?generate', options = {}) => {
    const page = await pages.open(path, options);
    await page.getByRole('checkbox', { name: /^Cluster/ }).waitFor();
    return page;
  };
  const generate = (page: Page) => page.getByRole('button', { name: 'Generate', exact: true });
  /** A report that runs until it is told to end; answers with its number. */
  const startSlow = async (page: Page): Promise<number> => {
    await page.getByRole('checkbox', { name: /Select all/ }).uncheck();
    await page.getByRole('checkbox', { name: /^Storage/ }).check();
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByRole('textbox', { name: 'Command' }).fill(SLOW);
    await generate(page).click();
    await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor();
    return (await newest()).id;
  };

  it('opens from the help menu with all components and 8 hours, shows how it goes, and gives the archive', async () => {
    const page = await pages.open('/reports');
    await page.getByRole('button', { name: 'Help menu' }).click();
    await page.getByRole('menuitem', { name: 'Generate diagnostic report' }).click();
    const dialog = page.getByRole('dialog', { name: 'Generate diagnostic report' });
    await dialog.getByRole('checkbox', { name: 'Select all (4)' }).waitFor();
    expect(await dialog.getByRole('checkbox', { checked: true }).count()).toBe(5);
    expect(await dialog.getByLabel('Time period').inputValue()).toBe('8h');
    await dialog.getByText('operator image-registry is not well').waitFor();
    await dialog.getByText('sample.invalid/storage/must-gather:4.22').waitFor();
    await generate(page).click();

    await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor();
    const rows = page.getByRole('table', { name: 'Gathers' }).getByRole('row');
    await rows.filter({ hasText: 'Storage (sample)' }).waitFor();
    await page.getByText('You can close this dialog.').waitFor();
    await page.getByRole('button', { name: 'Log' }).click();
    await page.getByRole('region', { name: 'Log' }).getByText('This is a gather of the Muster sandbox').waitFor();
    const { id } = await newest();
    await page.getByRole('heading', { name: `Report #${id} is ready` }).waitFor({ timeout: 60_000 });
    expect(await rows.count()).toBe(5);

    const told = await newest();
    expect(told).toMatchObject({ id, phase: 'Completed', since: '8h' });
    expect(told.components).toHaveLength(4);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download report' }).click();
    const bytes = await readFile(await (await download).path());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(told['archive-sha256']);
    expect(gunzipSync(bytes).includes('must-gather.local.')).toBe(true);
    await page.getByRole('button', { name: 'Close', exact: true }).last().click();
    expect(await page.getByRole('dialog').count()).toBe(0);

    // What it took is told to who asks for the same again.
    await page.getByRole('button', { name: 'Help menu' }).click();
    await page.getByRole('menuitem', { name: 'Generate diagnostic report' }).click();
    await page.getByText(/Last time: \d+ kB in \d+ seconds?/).waitFor();
    await page.getByRole('checkbox', { name: /^Storage/ }).uncheck();
    await page.getByText(/Last time/).waitFor({ state: 'detached' });
  });

  it('filters, selects what is shown, and says why nothing can be generated', async () => {
    const page = await opened();
    expect(new URL(page.url()).search).toBe('');
    const all = page.getByRole('checkbox', { name: /Select all/ });
    await page.getByRole('textbox', { name: 'Filter components' }).fill('stor');
    await page.getByRole('checkbox', { name: 'Select all (1)' }).uncheck();
    await page.getByRole('textbox', { name: 'Filter components' }).press('Enter');
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByText('3 of 4 selected').waitFor();
    expect(await all.isChecked()).toBe(false);
    await all.check();
    await all.uncheck();
    await page.getByText('Select at least one component.').waitFor();
    expect(await generate(page).getAttribute('aria-disabled')).toBe('true');
    const before = (await reports()).length;
    await generate(page).click({ force: true });
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByRole('textbox', { name: 'Own gather image' }).fill('quay.example/own:1');
    await page.getByText('0 of 4 selected').waitFor();
    expect(await generate(page).getAttribute('aria-disabled')).not.toBe('true');
    expect(await reports()).toHaveLength(before);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('sends what was entered, and shows what is wrong at its field', async () => {
    const page = await opened();
    await page.getByLabel('Time period').selectOption('Custom…');
    await page.getByRole('spinbutton', { name: 'How many' }).fill('3');
    await page.getByLabel('Unit').selectOption('days');
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByLabel('Nodes', { exact: true }).selectOption('All with a label');
    await page.getByRole('textbox', { name: 'Timeout' }).fill('1d');
    await generate(page).click();
    await page.getByText('Fill this in.').waitFor();
    await page.getByText('"1d": d is no unit; use hours: 24h').waitFor();
    const selector = page.getByRole('textbox', { name: 'Node selector' });
    expect(await selector.evaluate((input) => input.matches(':focus'))).toBe(true);
    await selector.fill('node-role.kubernetes.io/worker');
    // The service has limits that the page does not know.
    await page.getByRole('textbox', { name: 'Timeout' }).fill('9999h');
    await page.getByRole('textbox', { name: 'Keep for' }).fill('48h');
    await page.getByRole('textbox', { name: 'Custom name' }).fill('case 4711');
    await generate(page).click();
    await page.getByText('longer than 576h').waitFor();
    const timeout = page.getByRole('textbox', { name: 'Timeout' });
    expect(await timeout.getAttribute('aria-invalid')).toBe('true');
    expect(await timeout.evaluate((input) => input.matches(':focus'))).toBe(true);
    await timeout.fill('20m');
    await page.getByText('longer than 576h').waitFor({ state: 'detached' });
    await generate(page).click();
    await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor();
    const told = await newest();
    expect(told).toMatchObject({
      since: '72h',
      'node-selector': 'node-role.kubernetes.io/worker',
      'delete-after': '48h0m0s',
      'custom-name': 'case 4711',
    });
    await post(`/must-gather/${told.id}/cancel`);
    await page.getByRole('heading', { name: `Report #${told.id} was cancelled` }).waitFor({ timeout: 60_000 });
  });

  it('sends a time in the past as the moment that it is, and refuses one to come', async () => {
    const page = await opened('/?generate');
    await page.getByLabel('Time period').selectOption('Custom…');
    await page.getByRole('radio', { name: 'Since …' }).check();
    const moment = page.getByLabel('Since when');
    await moment.fill('2099-01-01T10:00');
    await generate(page).click();
    await page.getByText('Choose a time in the past.').waitFor();
    await moment.fill('2026-01-02T10:30');
    await generate(page).click();
    await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor();
    const told = await newest();
    expect(told.since).toBe('');
    expect(Date.parse(told['since-time'])).toBe(await page.evaluate(() => new Date('2026-01-02T10:30').getTime()));
    await post(`/must-gather/${told.id}`, 'DELETE');
    await page.getByRole('heading', { name: `Report #${told.id} is gone` }).waitFor({ timeout: 30_000 });
  });

  it('cancels after asking once; Escape answers the question and leaves the dialog', async () => {
    const page = await opened();
    const id = await startSlow(page);
    await page.getByRole('table', { name: 'Gathers' }).getByText('gathering…').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Cancel report' }).click();
    const question = page.getByRole('dialog', { name: /Cancel report\?/ });
    await question.waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: `Generating report #${id}` }).waitFor();
    await page.getByRole('button', { name: 'Cancel report' }).click();
    await question.getByRole('button', { name: 'Cancel report' }).click();
    await page.getByRole('heading', { name: `Report #${id} was cancelled` }).waitFor({ timeout: 60_000 });
    // What stands behind the dialog is hidden again from who cannot see that it is behind.
    await expect.poll(() => page.locator('#pages').getAttribute('aria-hidden')).toBe('true');
    // The button that had the focus is gone; the focus is not lost.
    await expect.poll(() => page.evaluate(`document.activeElement?.closest('[role="dialog"]') !== null`)).toBe(true);
    // What was gathered until then goes with a retry: that is asked, once above the dialog.
    const retry = page.getByRole('dialog', { name: /Retry report\?/ });
    await page.getByRole('button', { name: 'Retry' }).click();
    expect(await retry.textContent()).toMatch(
      new RegExp(`#${id} is deleted for everybody, and so is its archive \\(\\d+ k?B\\)`),
    );
    await retry.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: `Report #${id} was cancelled` }).waitFor();
    expect((await newest()).id).toBe(id);
    await page.getByRole('button', { name: 'Retry' }).click();
    await retry.getByRole('button', { name: 'Delete and retry' }).click();
    await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor();
    const again = await newest();
    expect(again.id).toBeGreaterThan(id);
    await post(`/must-gather/${again.id}`, 'DELETE');
  });

  it('says why a report failed, and what is missing of one that is incomplete', async () => {
    const page = await opened();
    await page.getByRole('checkbox', { name: /Select all/ }).uncheck();
    await page.getByRole('checkbox', { name: /^Storage/ }).check();
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByRole('textbox', { name: 'Command' }).fill('echo kept > /must-gather/kept; exit 3');
    await generate(page).click();
    await page.getByRole('heading', { name: /is ready, but incomplete/ }).waitFor({ timeout: 60_000 });
    await page.getByText('(what it wrote is kept)').waitFor();
    await page.getByRole('link', { name: 'Download report' }).waitFor();
    await page.getByRole('button', { name: 'Retry' }).waitFor();

    const other = await opened();
    await other.getByRole('button', { name: 'Advanced' }).click();
    await other.getByLabel('Nodes', { exact: true }).selectOption('One that I name');
    await other.getByRole('textbox', { name: 'Node name' }).fill('nowhere');
    await generate(other).click();
    await other.getByRole('heading', { name: /Report #\d+ failed/ }).waitFor({ timeout: 30_000 });
    await other.getByText('node "nowhere" does not exist in this cluster').first().waitFor();
    expect(await other.getByRole('link', { name: 'Download report' }).count()).toBe(0);
  });

  it('closes without ending anything, and goes to the dashboard', async () => {
    const page = await opened('/reports?generate');
    const id = await startSlow(page);
    await page.getByRole('button', { name: 'View on dashboard' }).click();
    await page.waitForURL(/:\d+\/$/);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect((await newest()).phase).not.toBe('Cancelled');
    await post(`/must-gather/${id}`, 'DELETE');
  });

  it('keeps what was entered while the service is away, and asks when it is back', { timeout: 120_000 }, async () => {
    const page = await opened();
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByRole('textbox', { name: 'Custom name' }).fill('patience');
    await page.getByRole('checkbox', { name: /^Migration/ }).uncheck();
    await pages.stop();
    await generate(page).click();
    await page.getByText('What you entered is kept.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Custom name' }).inputValue()).toBe('patience');
    await pages.again();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor({ timeout: 30_000 });
    const told = await newest();
    expect(told).toMatchObject({ 'custom-name': 'patience' });
    expect(told.components).toHaveLength(3);

    // Away again while it generates: the dialog says so, and goes on by itself to the end.
    await page.getByRole('button', { name: 'Log' }).click();
    await pages.stop();
    await page.getByRole('dialog').getByText('Reconnecting…').waitFor({ timeout: 30_000 });
    await pages.again();
    await page.getByRole('dialog').getByText('Reconnecting…').waitFor({ state: 'detached', timeout: 30_000 });
    await page.getByRole('heading', { name: new RegExp(`Report #${told.id} is ready`) }).waitFor({ timeout: 60_000 });
  });

  it('offers the report whose answer was lost, rather than a second one', async () => {
    const page = await opened();
    await page.route('**/must-gather', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await route.fetch();
      await route.abort('connectionreset');
    });
    const before = (await reports()).length;
    await generate(page).click();
    await page.getByRole('button', { name: /Show report #\d+/ }).click();
    await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor();
    expect(await reports()).toHaveLength(before + 1);
    await post(`/must-gather/${(await newest()).id}`, 'DELETE');
  });

  it('is done by keyboard alone', async () => {
    const page = await opened();
    const focused = async () => String(await page.evaluate(`document.activeElement?.id ?? ''`));
    const tabTo = async (isThere: (id: string) => boolean) => {
      for (let presses = 0; presses < 30; presses += 1) {
        if (isThere(await focused())) return;
        await page.keyboard.press('Tab');
      }
      throw new Error('never reached');
    };
    await tabTo((id) => id === 'generate-select-all');
    await page.keyboard.press('Space');
    await tabTo((id) => id === 'generate-component-cluster');
    await page.keyboard.press('Space');
    await page.getByText('1 of 4 selected').waitFor();
    await tabTo((id) => id === 'generate-period');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor();
    const told = await newest();
    expect(told).toMatchObject({ components: ['cluster'], since: '4h' });
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('Close');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await post(`/must-gather/${told.id}`, 'DELETE');
  });
});
