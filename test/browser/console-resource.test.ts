import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleWorld, STARTED_WITHIN_MS, startConsole } from '../console-host/console-world.ts';

const KIND = 'muster.dev~v1alpha1~MustGatherReport';
const ENDS_WITHIN_MS = 100_000;
const SLOW = { timeout: 200_000 };

describe('the custom resource in the host of the plugin', () => {
  let world: ConsoleWorld;
  let token = '';
  let page: Page;
  beforeAll(async () => {
    world = await startConsole();
    token = await world.tokenOf('ada');
    page = await world.open(`/k8s/ns/default/${KIND}/~new`, { token });
  }, STARTED_WITHIN_MS);
  afterAll(() => world.close(), 60_000);

  const rest = async (path: string, method?: string, body?: object) =>
    (await world.ask(token, path, method, body)).body;
  const goTo = (name: unknown) => page.goto(`${world.host.url}/k8s/ns/default/${KIND}/${name}`);
  const act = async (action: string) => {
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  const actions = async () => {
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    const names = await page.getByRole('menuitem').allTextContents();
    await page.keyboard.press('Escape');
    return names;
  };

  it('is created by the template, and its page tells how it is', SLOW, async () => {
    await expect.poll(() => page.getByLabel('YAML').inputValue()).toContain('kind: MustGatherReport');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: /^DR report-/ }).waitFor();
    await page.getByText('Ready', { exact: true }).waitFor({ timeout: ENDS_WITHIN_MS });
    expect(await actions()).toEqual(['View report', 'Generate report', 'Download report', 'Retry', 'Delete report']);
    expect(world.troubles).toEqual([]);
  });

  it('is downloaded by its action, whole', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), act('Download report')]);
    const bytes = await readFile(await download.path());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe((await rest('/1'))['archive-sha256']);
  });

  it('has a tab with what became of it, and leads to its report', async () => {
    await page.getByRole('tab', { name: 'Report' }).click();
    await page.getByRole('heading', { name: 'Diagnostic report is ready' }).waitFor();
    await act('View report');
    await page.getByRole('heading', { name: 'Report #1' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/muster/reports/1');
  });

  it('is cancelled, retried and deleted by its actions', SLOW, async () => {
    const { name } = await rest('', 'POST', { components: ['cluster'], command: 'sleep 300' });
    await goTo(name);
    await page.getByText('Gathering', { exact: true }).waitFor();
    expect(await actions()).toEqual(['View report', 'Generate report', 'Cancel report', 'Delete report']);
    await act('Cancel report');
    await page.getByRole('dialog', { name: 'Cancel report?' }).getByRole('button', { name: 'Cancel report' }).click();
    await page.getByText('Cancelled', { exact: true }).waitFor({ timeout: ENDS_WITHIN_MS });

    await act('Delete report');
    await page.getByRole('dialog', { name: 'Delete report?' }).getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: '404: Not Found' }).waitFor();
    expect(await rest('/2')).toMatchObject({ code: 'NotFound' });

    const failed = await rest('', 'POST', { components: ['cluster'], command: 'exit 3' });
    await goTo(failed.name);
    await page.getByText('Failed', { exact: true }).waitFor({ timeout: ENDS_WITHIN_MS });
    await act('Retry');
    await expect.poll(async () => (await rest('/4'))['retry-of'], { timeout: 20_000 }).toBe(3);
    expect(world.troubles).toEqual([]);
  });

  it("has Muster's list for its list, and the dialog for a new one", async () => {
    await page.goto(`${world.host.url}/k8s/all-namespaces/${KIND}`);
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
    await page.getByRole('link', { name: '#1' }).waitFor();
    await page.goto(`${world.host.url}/k8s/ns/default/${KIND}/report-1`);
    expect(world.troubles).toEqual([]);
  });
});
