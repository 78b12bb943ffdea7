import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type ConsoleWorld,
  STARTED_WITHIN_MS,
  startConsole,
  type VisitOptions,
} from '../console-host/console-world.ts';
import { cutTexts, enlargeText, overflowOf, violationsOf } from './looks.ts';

const KIND = 'muster.dev~v1alpha1~MustGatherReport';
const ENDS_WITHIN_MS = 100_000;
const SLOW = { timeout: 240_000 };

describe('the plugin in the host of it, for who cannot see, has no mouse, or a small screen', () => {
  let world: ConsoleWorld;
  let token = '';
  let resource = '';
  beforeAll(async () => {
    world = await startConsole();
    token = await world.tokenOf('ada');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const ask = async (path: string, body?: string) => {
      const init = body === undefined ? { headers } : { headers, method: 'POST', body };
      return (await (await fetch(`${world.service.url}/must-gather${path}`, init)).json()) as Record<string, string>;
    };
    resource = (await ask('', '{"custom-name": "for-all"}')).name ?? '';
    const isEnded = async () => expect((await ask('/1')).status).toBe('completed');
    await vi.waitFor(isEnded, { timeout: ENDS_WITHIN_MS, interval: 500 });
  }, STARTED_WITHIN_MS);
  afterAll(() => world.close(), 60_000);

  const heading = (page: Page) => page.getByRole('heading', { name: 'for-all' }).first();
  /** Each page of the plugin, and a part of a page that is the console's. */
  const places = (): readonly (readonly [path: string, ready: (page: Page) => Promise<unknown>])[] => [
    [
      '/dashboards',
      async (page) => {
        await page.getByRole('button', { name: 'Diagnostics' }).click();
        await page.getByRole('link', { name: 'Download report' }).waitFor();
      },
    ],
    ['/dashboards/muster', (page) => page.getByText('Diagnostic report is ready').waitFor()],
    ['/muster', (page) => page.getByRole('heading', { name: 'Overview' }).waitFor()],
    ['/muster?generate', (page) => page.getByText('4 of 4 selected').waitFor()],
    ['/muster/reports', (page) => page.getByRole('link', { name: '#1' }).waitFor()],
    ['/muster/reports/1', (page) => heading(page).waitFor()],
    ['/muster/reports/1/files', (page) => page.getByRole('heading', { name: 'Choose a file' }).waitFor()],
    ['/muster/reports/1/log', (page) => heading(page).waitFor()],
    ['/muster/reports/1/events', (page) => heading(page).waitFor()],
    [`/k8s/all-namespaces/${KIND}`, (page) => page.getByRole('link', { name: '#1' }).waitFor()],
    [`/k8s/ns/default/${KIND}/${resource}`, (page) => page.getByText('Ready', { exact: true }).waitFor()],
  ];

  async function onEach(look: VisitOptions, faultsOf: (page: Page) => Promise<readonly string[]>): Promise<string[]> {
    const faults: string[] = [];
    for (const [path, ready] of places()) {
      const page = await world.open(path, { token, ...look });
      await ready(page);
      for (const fault of await faultsOf(page)) faults.push(`${path} ${fault}`);
      await page.context().close();
    }
    return faults;
  }

  it('shows all of it to everybody: axe, 320 px, text of twice its size', SLOW, async () => {
    const faults = await onEach({}, async (page) => {
      const found = await violationsOf(page);
      await enlargeText(page, 2);
      for (const text of await cutTexts(page)) found.push(`cuts ${text}`);
      await enlargeText(page, 1);
      await page.setViewportSize({ width: 320, height: 800 });
      await expect.poll(() => overflowOf(page), { message: `${page.url()} at 320 px` }).toBe(0);
      return found;
    });
    expect(faults).toEqual([]);
  });

  it('does so in the dark', SLOW, async () => {
    expect(await onEach({ dark: true }, violationsOf)).toEqual([]);
  });

  it('is worked by keys alone: a report is asked for from an alert, and its message is left by Escape', async () => {
    const page = await world.open('/dashboards', { token });
    const alert = page.locator('[data-test="status-card-alert"]').first();
    await alert.getByRole('button', { name: 'Generate report' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Generate diagnostic report' });
    await dialog.getByText('1 of 4 selected').waitFor();
    // The focus came into the dialog, and cannot leave it.
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(`document.activeElement.closest('[role="dialog"]') !== null`)).toBe(true);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    const isBack = () => page.evaluate(`document.activeElement.textContent === 'Generate report'`);
    await expect.poll(isBack).toBe(true);
    await page.context().close();
    expect(world.troubles).toEqual([]);
  });
});
