import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measuring, tellFigures } from './figures.ts';
import { BIG_LINES, type FilesWorld, LONG_NAME, startFilesWorld } from './files-world.ts';

describe('the files of a report', () => {
  let pages: FilesWorld;
  beforeAll(async () => {
    pages = await startFilesWorld();
  }, 180_000);
  afterAll(() => pages.close(), 60_000);

  const tree = (page: Page) => page.getByRole('tree', { name: 'Files of the archive' });
  const row = (page: Page, name: string | RegExp) => tree(page).getByRole('treeitem', { name });
  const textOf = (page: Page, name: string) => page.getByRole('region', { name: `Text of ${name}` });

  it('opens folders and files by mouse, and the address tells which', async () => {
    const page = await pages.open(`/reports/${pages.id}/files`);
    await page.getByRole('heading', { name: 'Choose a file' }).waitFor();
    await row(page, /^namespaces/).click();
    // A folder that holds one folder alone opens it as well.
    await row(page, /^current\.log/).click();
    await textOf(page, 'current.log').getByText('E1121 10:00:02 it broke: ünïcode').waitFor();
    expect(decodeURIComponent(new URL(page.url()).pathname)).toBe(
      `/reports/${pages.id}/files/${pages.folder}/namespaces/web/current.log`,
    );
    await page.reload();
    await textOf(page, 'current.log').getByText('W1121').waitFor();
    expect(await row(page, /^current\.log/).getAttribute('aria-selected')).toBe('true');
    expect(pages.troubles).toEqual([]);
  });

  it('goes by keys, as a tree does', async () => {
    const page = await pages.open(`/reports/${pages.id}/files`);
    await row(page, /^namespaces/).waitFor();
    await tree(page).focus();
    await page.keyboard.press('n');
    const focused = () =>
      page.evaluate(
        `document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent`,
      );
    await expect.poll(focused).toBe('namespaces');
    await page.keyboard.press('ArrowRight');
    await row(page, /^web/).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(focused).toMatch(/^current\.log/);
    await page.keyboard.press('Enter');
    await textOf(page, 'current.log').getByText('started').waitFor();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(focused).toBe('web');
    await page.keyboard.press('ArrowLeft');
    await row(page, /^current\.log/).waitFor({ state: 'detached' });
  });

  it('shows a long folder page by page, and finds names in it', async () => {
    const page = await pages.open(`/reports/${pages.id}/files`);
    await row(page, /^many/).click();
    await row(page, /^file-0001/).waitFor();
    for (const last of ['file-1000.txt', 'file-2000.txt']) {
      await page.getByLabel('Find by name in what is open').fill(last);
      await row(page, new RegExp(`^${last}`)).waitFor();
      await row(page, 'Show more').click();
    }
    await page.getByLabel('Find by name in what is open').fill('file-2300');
    await row(page, /^file-2300/).waitFor();
    expect(await tree(page).getByRole('treeitem').count()).toBeLessThan(10);
  });

  it('downloads a file as it is', async () => {
    const page = await pages.open(pages.address('odd names/page.html'));
    await textOf(page, 'page.html').getByText('<script>').waitFor();
    expect(await page.title()).not.toBe('ran');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download this file' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('page.html');
    expect(await readFile(await download.path(), 'utf8')).toBe(
      '<script>document.title="ran"</script><img src=x onerror="document.title=1">\n',
    );
    expect(pages.troubles).toEqual([]);
  });

  it.each([
    ['100% #1?.txt', 'percent'],
    ['ملف طويل.txt', 'right to left'],
    [LONG_NAME, 'long name'],
  ])('opens a file with the odd name %s', async (name, content) => {
    const page = await pages.open(pages.address(`odd names/${name}`));
    await textOf(page, name).getByText(content).waitFor();
  });

  it.each([
    ['core.bin', 'Not a text file'],
    ['empty.log', 'This file is empty'],
    ['latest.log', 'A symbolic link'],
    ['nothing', 'There is nothing here'],
    ['many', 'Choose a file'],
  ])('says of %s: %s', async (name, said) => {
    const page = await pages.open(pages.address(name));
    await page.getByRole('heading', { name: said }).waitFor();
  });

  it('shows the first 2 MB of a large file, then goes on, and to its end', async () => {
    const page = await pages.open(pages.address('big.log'));
    const text = textOf(page, 'big.log');
    await page.getByText(/^Too large to show whole: first 2 MB of/).waitFor();
    await page.getByRole('button', { name: 'Next 2 MB' }).click();
    await page.getByText(/^Too large to show whole: first 4 MB of/).waitFor();
    await page.getByRole('button', { name: 'End' }).click();
    await text.getByText(`line ${String(BIG_LINES).padStart(9, '0')}`).waitFor();
    // Whatever its size, few rows are in the page.
    expect(await text.locator('.muster-line').count()).toBeLessThan(200);
  });

  it('scrolls through a large file, and draws few rows on the way', async () => {
    const page = await pages.open(pages.address('big.log'));
    const text = textOf(page, 'big.log');
    await text.getByText('line 000000001').waitFor();
    const measure = await measuring(page);
    await text.hover();
    const turned = await measure(async () => {
      for (let turn = 0; turn < 100; turn += 1) await page.mouse.wheel(0, 400);
    });
    tellFigures(`${BIG_LINES} lines, 100 turns of the wheel`, turned);
    const dragged = await measure(async () => {
      for (let place = 1; place <= 20; place += 1) {
        await text.evaluate((box, part) => box.scrollTo(0, box.scrollHeight * part), place / 20);
      }
    });
    tellFigures(`${BIG_LINES} lines, 20 places of the bar`, dragged);
    const stepped = await measure(() => page.getByRole('button', { name: 'Next 2 MB' }).click(), 2000);
    tellFigures(`${BIG_LINES} lines, the next 2 MB`, stepped);
    await page.getByText(/^Too large to show whole: first 4 MB of/).waitFor();
    expect(await text.locator('.muster-line').count()).toBeLessThan(200);
  });

  it('goes to the line that the address names, and to another', async () => {
    const page = await pages.open(`${pages.address('big.log')}#L${BIG_LINES - 5}`);
    const text = textOf(page, 'big.log');
    await text.getByRole('link', { name: `Line ${BIG_LINES - 5}`, exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Line' }).fill('120');
    await page.keyboard.press('Enter');
    await text.getByRole('link', { name: 'Line 120', exact: true }).waitFor();
    expect(new URL(page.url()).hash).toBe('#L120');
    await page.getByRole('textbox', { name: 'Line' }).fill(String(BIG_LINES + 1));
    await page.keyboard.press('Enter');
    await page.getByText(`The file has no line ${BIG_LINES + 1}`).waitFor();
  });

  it('finds text in all of a large file, and goes from match to match', async () => {
    const page = await pages.open(pages.address('big.log'));
    const text = textOf(page, 'big.log');
    await page.getByLabel('Search in this file').fill('NEEDLE');
    await page.getByRole('button', { name: /^Search all/ }).click();
    await page.getByText(`1 of ${BIG_LINES / 1000}`).waitFor();
    await text.getByRole('link', { name: 'Line 7', exact: true }).waitFor();
    await page.getByLabel('Search in this file').press('Shift+Enter');
    await page.getByText(`${BIG_LINES / 1000} of ${BIG_LINES / 1000}`).waitFor();
    await text.getByRole('link', { name: `Line ${BIG_LINES - 993}`, exact: true }).waitFor();
    expect(await text.locator('mark').first().textContent()).toBe('needle');
  });
});
