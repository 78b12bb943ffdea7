import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { must } from './deployment.ts';
import { expectGone, type LiveService, startLiveService, tokenOf } from './live-service.ts';

// One round in a real browser, against what deploy/base installs in a real cluster: log in, ask, watch, download, delete.

let live: LiveService | undefined;
let browser: Browser | undefined;
beforeAll(async () => {
  // Its certificate is of a CA of its own, for the name that it has inside the cluster.
  browser = await launchChromium(['--ignore-certificate-errors']);
  live = await startLiveService();
});
afterAll(async () => {
  await browser?.close();
  live?.remove();
});

async function openPage(): Promise<Page> {
  if (browser === undefined || live === undefined) throw new Error('nothing runs');
  const page = await browser.newPage();
  await page.goto(`${live.url()}/`);
  return page;
}

async function logIn(page: Page, token: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Token' }).fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
}

test('lets in no one but cluster-admins', async () => {
  const page = await openPage();
  await logIn(page, 'nonsense');
  await page.getByText('The cluster does not accept this token').waitFor();
  await logIn(page, tokenOf('clerk'));
  await page.getByText('You need cluster-admin to use reports').waitFor();
  await page.close();
});

test('a report from the first click to the archive, and away', async () => {
  const page = await openPage();
  await logIn(page, tokenOf('boss'));
  await page.getByRole('button', { name: 'Help menu' }).click();
  await page.getByRole('menuitem', { name: 'Generate diagnostic report' }).click();
  await page.getByText('Select all').waitFor();
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await page.getByRole('button', { name: 'View on dashboard' }).click();
  await page.getByText('Diagnostic report is ready').first().waitFor({ timeout: 120_000 });

  // What it gathered in goes right after; Chromium breaks off what is on its way when a network device of this machine goes.
  const places = () => must(['get', 'namespaces', '-l', 'muster.dev/report', '-o', 'name']);
  await expect.poll(places, { timeout: 60_000, interval: 500 }).toBe('');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download report' }).first().click(),
  ]);
  const sha256 = createHash('sha256')
    .update(await readFile(await download.path()))
    .digest('hex');
  const [{ metadata, status }] = (JSON.parse(must(['get', 'mgr', '-n', 'muster', '-o', 'json'])) as Found).items;
  expect(sha256).toBe(status.archive.sha256);
  expectGone(metadata.name, 'muster');
  await page.getByText('Diagnostic report is ready').waitFor({ state: 'detached' });
  await page.close();
});

type Found = {
  readonly items: readonly [{ readonly metadata: { name: string }; readonly status: { archive: { sha256: string } } }];
};
