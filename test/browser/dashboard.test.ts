import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../sandbox/service-world.ts';
import { type PagesWorld, startPages } from './pages-world.ts';

const HOUR_MS = 3_600_000;
const ENDS_WITHIN_MS = 50_000;
const SOON = { timeout: 10_000 };

type Told = { readonly id: number } & Record<string, unknown>;

describe('reports on the dashboard', () => {
  let pages: PagesWorld;
  beforeAll(async () => {
    pages = await startPages();
  });
  afterAll(() => pages.close(), 60_000);

  const rest = async (path: string, method = 'GET', body?: object) =>
    (await ask(`${pages.service.url}/must-gather${path}`, method, body)).body;
  /** Asks for a report of the cluster, in which this command runs. */
  const asked = async (command: string, more: object = {}): Promise<Told> => {
    const report = await rest('', 'POST', { components: ['cluster'], command, since: '8h', ...more });
    return { ...report, id: Number(report.id) };
  };
  const ended = async (id: number): Promise<Record<string, unknown>> => {
    await expect
      .poll(async () => (await rest(`/${id}`)).status, { timeout: ENDS_WITHIN_MS })
      .toMatch(/^(completed|error)$/);
    return rest(`/${id}`);
  };

  it('one that is ready: downloaded whole, there after a reload and for everybody, deleted when asked once', async () => {
    const [mine, yours] = [await pages.open('/'), await pages.open('/')];
    const { id } = await asked('echo found > /must-gather/found; sleep 10', {
      'custom-name': 'case-123',
    });
    for (const page of [mine, yours]) await ongoing(page, id).waitFor({ timeout: 10_000 });
    await ongoing(mine, id)
      .getByText(/^(Waiting to start|[01] of 1 component · .*|packing · .*) · \d+s$/)
      .waitFor();
    const report = await ended(id);

    for (const page of [mine, yours]) await message(page, id).getByText('Diagnostic report is ready').waitFor();
    await ongoing(mine, id).waitFor({ state: 'detached' });
    await expect
      .poll(() => mine.getByRole('status').textContent())
      .toBe(`Diagnostic report case-123 (#${id}) is ready.`);
    await mine.reload();
    const text = (await message(mine, id).textContent()) ?? '';
    expect(text).toContain(`case-123 (#${id}) · cluster, last 8 hours · `);
    expect(text).toMatch(/ \d+ kB/);
    expect(text).toContain('Deleted in 23 h');

    const [download] = await Promise.all([
      mine.waitForEvent('download'),
      message(mine, id).getByRole('link', { name: 'Download report' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(report['archive-name']);
    const bytes = await readFile(await download.path());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(report['archive-sha256']);

    await choose(message(mine, id), 'Delete');
    const question = mine.getByRole('dialog', { name: 'Delete report?' });
    expect(await question.textContent()).toContain(`case-123 (#${id})`);
    await question.getByRole('button', { name: 'Delete' }).click();
    for (const page of [mine, yours]) await message(page, id).waitFor({ state: 'detached' });
    expect((await ask(`${pages.service.url}/must-gather/${id}`)).status).toBe(404);
    // The keyboard goes on from where the message was.
    await expect.poll(() => mine.evaluate('document.activeElement.textContent'), SOON).toContain('Operators');
    expect(await mine.evaluate('document.activeElement.tagName')).not.toBe('BODY');
    expect(pages.troubles).toEqual([]);
  });

  it('one that failed: says which gather and why, is tried again, and cleared', async () => {
    const page = await pages.open('/');
    const { id } = await asked('exit 3');
    await ended(id);
    const failed = message(page, id);
    await failed.getByText('Diagnostic report failed').waitFor();
    const text = (await failed.textContent()) ?? '';
    expect(text).toContain('openshift: exit code 3');
    expect(text).toContain('Cleared in 11 h');
    expect(await failed.getByRole('link', { name: 'Download report' }).count()).toBe(0);

    await failed.getByRole('button', { name: 'Retry' }).click();
    await failed.waitFor({ state: 'detached' });
    const list = (await (await fetch(`${pages.service.url}/must-gather`)).json()) as Told[];
    const next = list.find((report) => report['retry-of'] === id);
    expect(next).toBeDefined();
    const nextId = next?.id ?? 0;
    await message(page, nextId).getByText('Diagnostic report failed').waitFor({ timeout: ENDS_WITHIN_MS });

    await choose(message(page, nextId), 'Clear');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await message(page, nextId).waitFor({ state: 'detached' });
    expect((await ask(`${pages.service.url}/must-gather/${nextId}`)).status).toBe(404);
    expect(pages.troubles).toEqual([]);
  });

  it('one that lacks something: warns, says what and why, and can be fetched all the same', async () => {
    const page = await pages.open('/');
    const { id } = await asked('echo found > /must-gather/found; exit 4');
    expect((await ended(id)).phase).toBe('Partial');
    const partial = message(page, id);
    await partial.getByRole('heading', { name: 'Diagnostic report is ready, but incomplete' }).waitFor();
    const text = (await partial.textContent()) ?? '';
    expect(text).toContain('openshift: exit code 4');
    expect(text).toContain('Deleted in 23 h');
    await partial.getByRole('button', { name: 'Retry' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      partial.getByRole('link', { name: 'Download report' }).click(),
    ]);
    expect((await readFile(await download.path())).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    const question = page.getByRole('dialog', { name: 'Retry report?' });
    await partial.getByRole('button', { name: 'Retry' }).click();
    expect(await question.textContent()).toContain('so is its archive');
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect((await ask(`${pages.service.url}/must-gather/${id}/data`, 'HEAD')).status).toBe(200);
    await partial.getByRole('button', { name: 'Retry' }).click();
    await question.getByRole('button', { name: 'Delete and retry' }).click();
    await partial.waitFor({ state: 'detached' });
    expect((await ask(`${pages.service.url}/must-gather/${id}`)).status).toBe(404);
    const list = (await (await fetch(`${pages.service.url}/must-gather`)).json()) as Told[];
    const next = list.find((report) => report['retry-of'] === id);
    expect(next).toBeDefined();
    await rest(`/${next?.id}`, 'DELETE');
  });

  it('one that was cancelled: is told calmly', async () => {
    const page = await pages.open('/');
    const { id } = await asked('sleep 300');
    await ongoing(page, id).waitFor();
    await ongoing(page, id).getByRole('link', { name: 'View report' }).click();
    await page.waitForURL(`**/reports/${id}`);
    await page.goBack();
    await rest(`/${id}/cancel`, 'POST');
    await message(page, id)
      .getByRole('heading', { name: 'Diagnostic report was cancelled' })
      .waitFor({ timeout: ENDS_WITHIN_MS });
    await expect.poll(() => page.getByRole('status').textContent()).toBe(`Diagnostic report #${id} was cancelled.`);
    await rest(`/${id}`, 'DELETE');
  });

  it('go when it is their time by the clock of the service, whatever that of the browser says', async () => {
    const { id: readyId } = await asked('echo found > /must-gather/found');
    const { id: failedId } = await asked('exit 3');
    await ended(readyId);
    await ended(failedId);

    const anHourOff = await pages.open('about:blank');
    await anHourOff.clock.install({ time: Date.now() + HOUR_MS });
    await anHourOff.goto(pages.service.url);
    await message(anHourOff, readyId).getByText('Deleted in 23 h').waitFor();

    const later = await pages.open('about:blank');
    let aheadMs = 11.5 * HOUR_MS;
    await later.route(/\/(session|overview)$/, async (route) => {
      const response = await route.fetch();
      const date = new Date(Date.now() + aheadMs).toUTCString();
      await route.fulfill({ response, headers: { ...response.headers(), date } });
    });
    await later.goto(pages.service.url);
    await message(later, failedId)
      .getByText(/^Cleared in (29|30) min$/)
      .waitFor();
    await message(later, readyId).getByText('Deleted in 12 h').waitFor();
    aheadMs = 12 * HOUR_MS + 60_000;
    await later.reload();
    await message(later, readyId).getByText('Deleted in 11 h').waitFor();
    expect(await message(later, failedId).count()).toBe(0);
    aheadMs = 24 * HOUR_MS + 60_000;
    await later.reload();
    await later.getByRole('region', { name: 'Activity' }).getByText(`#${readyId}`).waitFor();
    expect(await message(later, readyId).count()).toBe(0);
    expect(pages.troubles).toEqual([]);
  });

  it('more than three fold, the last to end first; narrow and dark, nothing is cut off', async () => {
    const ids: number[] = [];
    for (let count = 0; count < 4; count += 1) ids.push((await asked('exit 3')).id);
    for (const id of ids) await ended(id);
    const page = await pages.open('/', { width: 320, dark: true });
    const messages = page.getByRole('region', { name: 'Diagnostic reports' });
    const headings = messages.getByRole('heading');
    await messages.getByRole('button', { name: /^\d more reports$/ }).waitFor();
    expect(await headings.count()).toBe(3);
    await messages.getByRole('button', { name: /^\d more reports$/ }).press('Enter');
    await expect.poll(() => headings.count(), SOON).toBeGreaterThan(3);
    const shown = await messages.getByRole('link', { name: /^#\d+$/ }).allTextContents();
    const ends = new Map<string, string>();
    for (const report of (await (await fetch(`${pages.service.url}/must-gather`)).json()) as Told[]) {
      ends.set(`#${report.id}`, String(report['finished-at']));
    }
    const told = shown.map((name) => ends.get(name) ?? '');
    expect(told).toEqual([...told].sort().reverse());
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(pages.troubles).toEqual([]);
  });
});

/** The pinned message of a report. */
function message(page: Page, id: number): Locator {
  return page
    .getByRole('region', { name: 'Diagnostic reports' })
    .locator('[data-ouia-component-type="PF6/Alert"]')
    .filter({ has: page.getByRole('link', { name: new RegExp(`#${id}\\b`) }) });
}

/** The line of a report that is being made. */
function ongoing(page: Page, id: number): Locator {
  return page
    .getByRole('region', { name: 'Activity' })
    .getByRole('listitem')
    .filter({ hasText: 'Generating diagnostic report' })
    .filter({ hasText: new RegExp(`#${id}\\b`) });
}

async function choose(within: Locator, action: string): Promise<void> {
  await within.getByRole('button', { name: 'Actions for report' }).press('Enter');
  await within.page().getByRole('menuitem', { name: action }).press('Enter');
}
