import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PagesWorld, startPages } from './pages-world.ts';

describe('what stands around every page', () => {
  let pages: PagesWorld;
  beforeAll(async () => {
    pages = await startPages();
  });
  afterAll(() => pages.close(), 60_000);

  it('goes by links and by keyboard, and an unknown address says so', async () => {
    const page = await pages.open('/');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Reports' }).click();
    await page.waitForURL('**/reports');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Overview' }).click();
    await page.waitForURL(/:\d+\/$/);
    await page.goto(new URL('/nowhere', pages.service.url).href);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.getByRole('link', { name: 'Go to the overview' }).click();
    await page.waitForURL(/:\d+\/$/);
    await page.reload();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#main-content');
    expect(pages.troubles).toEqual([]);
  });

  it('follows the theme of the system, and changes with it', async () => {
    const page = await pages.open('/', { dark: true });
    const theme = () => page.locator('html').getAttribute('class');
    await expect.poll(theme).toBe('pf-v6-theme-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(theme).toBe('');
  });

  it('says that it reconnects while the service is away, and goes on by itself', { timeout: 90_000 }, async () => {
    const page = await pages.open('/reports');
    await page.getByRole('heading', { name: 'Reports', exact: true }).waitFor();
    const notice = page.getByText('Reconnecting…');
    await pages.stop();
    await notice.waitFor({ timeout: 30_000 });
    await pages.again();
    await notice.waitFor({ state: 'detached', timeout: 30_000 });
    expect(pages.troubles).toEqual([]);
  });
});
