import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../sandbox/service-world.ts';
import { measuring, tellFigures } from './figures.ts';
import { cutTexts, enlargeText, overflowOf, violationsOf } from './looks.ts';
import { type PagesWorld, startPages } from './pages-world.ts';
import { type PlantedReport, plantReports, variedReports } from './planted-reports.ts';

/** Names as people give them, and as some give them to see what happens. */
const NAMES = {
  long: `${'long-'.repeat(50)}end`,
  words: `${'many words '.repeat(22)}and an end`,
  arabic: 'تقرير العنقود 7',
  hebrew: 'דוח (מקרה 12)',
  turned: 'case\u202Egz.rat',
} as const;
const FIRST = 1001;
const GATHERS = 500;

describe('names of any length and direction', () => {
  let pages: PagesWorld;
  beforeAll(async () => {
    pages = await startPages();
    await pages.stop();
    const named = variedReports(5, Date.now(), FIRST).map((report, place): PlantedReport => {
      const customName = Object.values(NAMES)[place] ?? '';
      return { ...report, spec: { ...report.spec, customName } };
    });
    await plantReports(pages.world.kube, [...named, ofManyGathers(FIRST + 5)]);
    await pages.again();
  }, 120_000);
  afterAll(() => pages.close(), 60_000);

  const link = (page: Page, id: number) => page.getByRole('link', { name: new RegExp(`#${id}\\)?$`) }).first();
  const places = (): readonly (readonly [path: string, id: number])[] => [
    ['/', FIRST + 4],
    ['/reports', FIRST + 4],
    ...[0, 1, 2, 3, 4].map((place) => [`/reports/${FIRST + place}`, FIRST + place] as const),
  ];
  const open = async (path: string, id: number, width: number) => {
    const page = await pages.open(path, { width, height: 900 });
    await page.getByText(`#${id}`).first().waitFor();
    if (path === '/') {
      await page.getByRole('button', { name: /more reports$/ }).click();
      await link(page, FIRST).waitFor();
    }
    return page;
  };

  it.each([320, 1280])('stay on the page, whole: %d px', { timeout: 120_000 }, async (width) => {
    const faults: string[] = [];
    for (const [path, id] of places()) {
      const page = await open(path, id, width);
      if ((await overflowOf(page)) !== 0) faults.push(`${path} scrolls sideways`);
      for (const text of await cutTexts(page)) faults.push(`${path} cuts ${text}`);
      if (process.env.MUSTER_SHOTS !== undefined) {
        await page.screenshot({ path: `${process.env.MUSTER_SHOTS}/names-${width}-${path.replaceAll('/', '_')}.png` });
        await page.evaluate(`document.documentElement.dir = 'rtl'`);
        await page.screenshot({ path: `${process.env.MUSTER_SHOTS}/rtl-${width}-${path.replaceAll('/', '_')}.png` });
      }
      await page.context().close();
    }
    expect(faults).toEqual([]);
  });

  it('stay on the page from right to left, and at twice their size', { timeout: 120_000 }, async () => {
    const faults: string[] = [];
    for (const [path, id] of places()) {
      const page = await open(path, id, 1280);
      await page.evaluate(`document.documentElement.dir = 'rtl'`);
      if ((await overflowOf(page)) !== 0) faults.push(`${path} scrolls sideways from right to left`);
      await page.evaluate(`document.documentElement.dir = 'ltr'`);
      await enlargeText(page, 2);
      if ((await overflowOf(page)) !== 0) faults.push(`${path} scrolls sideways at 200 %`);
      for (const text of await cutTexts(page)) faults.push(`${path} cuts ${text}`);
      await page.context().close();
    }
    expect(faults).toEqual([]);
  });

  it('do not turn around what stands beside them: the number is behind the name', async () => {
    for (const place of [2, 3, 4]) {
      const id = FIRST + place;
      for (const path of ['/reports', `/reports/${id}`]) {
        const page = await open(path, id, 1280);
        const edges = await page.evaluate(`(${PLACES})('#${id}')`);
        expect(edges, `${path} ${id}`).toMatchObject({ isNumberBehind: true });
        await page.context().close();
      }
    }
  });

  it('in a question and in what is said of it', async () => {
    const page = await pages.open('/reports');
    await page.getByRole('button', { name: new RegExp(`^Actions for .*#${FIRST}\\)`) }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog', { name: 'Delete report?' }).waitFor();
    expect(await overflowOf(page)).toBe(0);
    expect(await cutTexts(page)).toEqual([]);
    expect(await violationsOf(page)).toEqual([]);
  });

  it('500 gathers: on their page, and in the dialog', { timeout: 120_000 }, async () => {
    const id = FIRST + 5;
    const page = await pages.open(`/reports/${id}`);
    const measure = await measuring(page);
    const rows = page.getByRole('table', { name: 'Gathers' }).getByRole('row');
    await expect.poll(() => rows.count()).toBe(101);
    const show = () => page.getByRole('button', { name: `Show all ${GATHERS} gathers` }).click();
    tellFigures(`${GATHERS} gathers, all of them shown`, await measure(show, 2000));
    await expect.poll(() => rows.count()).toBe(GATHERS + 1);
    const filter = () => page.getByRole('button', { name: /^Not complete/ }).click();
    tellFigures(`${GATHERS} gathers, those that are not complete`, await measure(filter, 2000));
    await expect.poll(() => rows.count()).toBe(GATHERS / 10 + 1);
    await page.context().close();

    // The dialog follows the report that the service answers with.
    const report = (await ask(`${pages.service.url}/must-gather/${id}`)).body;
    const asking = await pages.open('/?generate');
    await asking.route('**/must-gather', (route) => route.fulfill({ status: 201, json: report }));
    await asking.getByRole('checkbox', { name: /^Cluster/ }).waitFor();
    await asking.getByRole('button', { name: 'Generate', exact: true }).click();
    const dialog = asking.getByRole('dialog', { name: new RegExp(`#${id}`) });
    await dialog.getByRole('button', { name: `Show all ${GATHERS} gathers` }).waitFor();
    const measureDialog = await measuring(asking);
    const showAll = () => dialog.getByRole('button', { name: `Show all ${GATHERS} gathers` }).click();
    tellFigures(`${GATHERS} gathers, all of them shown in the dialog`, await measureDialog(showAll, 2000));
    await expect.poll(() => dialog.getByRole('row').count()).toBe(GATHERS + 1);
    expect(pages.troubles).toEqual([]);
  });
});

/** Of the first text that shows this number: whether it ends right of all that stands before it in its link or heading. */
const PLACES = `(number) => {
  const holder = [...document.querySelectorAll('td a, h1')].find(({ textContent }) => textContent.includes(number));
  const walker = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  const text = texts.find(({ data }) => data.includes(number));
  const boxesOf = (from, to) => {
    const range = document.createRange();
    range.setStart(text, from);
    range.setEnd(text, to);
    return [...range.getClientRects()];
  };
  const at = text.data.indexOf(number);
  const [numberBox] = boxesOf(at, at + number.length);
  // A long name takes several lines: what counts is what stands on the line of the number.
  const beside = boxesOf(0, at - 2).filter(({ top, bottom }) => bottom > numberBox.top + 1 && top < numberBox.bottom - 1);
  return { isNumberBehind: beside.every(({ right }) => right <= numberBox.left + 1) };
}`;

function ofManyGathers(id: number): PlantedReport {
  const [report] = variedReports(1, Date.now(), id);
  if (report === undefined) throw new Error('no report');
  const gathers = Array.from({ length: GATHERS }, (_, place) => ({
    name: `cluster-node-${place}`,
    image: 'sample.invalid/openshift/must-gather:4.22',
    node: `worker-${place}.example`,
    phase: place % 10 === 0 ? ('Failed' as const) : ('Done' as const),
    ...(place % 10 === 0 ? { reason: 'Timeout' as const, message: 'took longer than 10m' } : {}),
    startedAt: '2026-11-21T10:00:00Z',
    finishedAt: '2026-11-21T10:04:00Z',
    files: 1200,
    bytes: 40_000_000,
  }));
  return { ...report, spec: { ...report.spec, nodeSelector: 'all=nodes' }, status: { ...report.status, gathers } };
}
