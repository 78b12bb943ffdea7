import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LoginWorld, startLogin } from './tokens.ts';

// From signing in to the archive, and to its end, by someone who has no mouse.

let pages: LoginWorld;
beforeAll(async () => {
  pages = await startLogin({ sample: true });
});
afterAll(() => pages.close(), 60_000);

const MOST_STEPS = 80;
/** What the focused element is called: by its label, or by its text. */
const focused = async (page: Page) =>
  String(
    await page.evaluate(`(() => {
      const at = document.activeElement;
      const labels = [...(at?.labels ?? [])].map((label) => label.textContent);
      return [at?.getAttribute('aria-label'), ...labels, at?.textContent].filter(Boolean).join(' ').trim();
    })()`),
  );

/** Goes on, Tab by Tab, to what is called so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const at = await focused(page);
    if (name.test(at)) return;
    seen.push(at.slice(0, 40));
    await page.keyboard.press('Tab');
  }
  throw new Error(`no Tab leads to ${name}: ${seen.join(' | ')}`);
}

it('everything from login to delete is reached by keyboard alone', { timeout: 180_000 }, async () => {
  const token = await pages.tokenOf('ada');
  const page = await pages.open('/');
  await page.getByRole('heading', { name: 'Log in to Muster' }).waitFor();
  await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('token');
  await page.keyboard.insertText(token);
  await page.keyboard.press('Enter');

  // The help menu of the masthead opens the dialog.
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  await tabTo(page, /^Help/);
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Generate diagnostic report' }).waitFor();
  await expect.poll(() => focused(page)).toMatch(/Generate diagnostic report/);
  await page.keyboard.press('Enter');

  const dialog = page.getByRole('dialog', { name: 'Generate diagnostic report' });
  await dialog.getByRole('checkbox', { name: /^Cluster/ }).waitFor();
  await tabTo(page, /^Generate$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /Generating report #\d+/ }).waitFor();
  await tabTo(page, /^View on dashboard/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /is ready/ }).waitFor({ timeout: 90_000 });

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    (async () => {
      await tabTo(page, /Download report/);
      await page.keyboard.press('Enter');
    })(),
  ]);
  const bytes = await readFile(await download.path());
  const [report] = await pages.world.kube
    .json<{
      items: { metadata: { name: string }; status: { archive: { sha256: string } } }[];
    }>('/apis/muster.dev/v1alpha1/namespaces/default/mustgatherreports')
    .then(({ items }) => items);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(report?.status.archive.sha256);

  await tabTo(page, /^Actions for report/);
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: /Delete/ }).waitFor();
  await page.keyboard.press('Enter');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Delete/ })
    .waitFor();
  await tabTo(page, /^Delete/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /is ready/ }).waitFor({ state: 'detached' });
  expect(pages.troubles).toEqual([]);
});
