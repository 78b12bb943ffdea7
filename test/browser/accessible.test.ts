import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FilesWorld, startFilesWorld } from './files-world.ts';
import { cutTexts, enlargeText, overflowOf, violationsOf } from './looks.ts';
import type { OpenOptions } from './pages-world.ts';
import { type LoginWorld, startLogin } from './tokens.ts';

const looks: readonly (readonly [string, OpenOptions])[] = [
  ['light', {}],
  ['dark', { dark: true }],
  ['with more contrast', { moreContrast: true }],
];
const sizes: readonly (readonly [string, OpenOptions])[] = [
  ['320 px', { width: 320 }],
  // 200 % of 1280 px is what 640 px show.
  ['200 %', { width: 640, height: 400 }],
  ['4K', { width: 3840, height: 2160 }],
  ['right to left', { locale: 'ar' }],
];

describe('who cannot see, or has no mouse, or a small screen', () => {
  let pages: FilesWorld;
  beforeAll(async () => {
    pages = await startFilesWorld();
  }, 180_000);
  afterAll(() => pages.close(), 60_000);

  const places = (): readonly (readonly [path: string, heading: string | RegExp])[] => [
    ['/', 'Overview'],
    ['/reports', 'Reports'],
    [`/reports/${pages.id}`, /1/],
    [`/reports/${pages.id}/files`, 'Choose a file'],
    [pages.address('namespaces/web/current.log'), 'current.log'],
    [`/reports/${pages.id}/log`, /1/],
    [`/reports/${pages.id}/events`, /1/],
    ['/nowhere', 'There is no such page'],
  ];
  const open = async (path: string, heading: string | RegExp, look: OpenOptions) => {
    const page = await pages.open(path, look);
    await page.getByRole('heading', { name: heading }).first().waitFor();
    return page;
  };

  it.each(looks)('finds no fault on any page: %s', { timeout: 180_000 }, async (_name, look) => {
    const faults: string[] = [];
    for (const [path, heading] of places()) {
      const page = await open(path, heading, look);
      for (const fault of await violationsOf(page)) faults.push(`${path} ${fault}`);
      await page.context().close();
    }
    expect(faults).toEqual([]);
  });

  it.each(sizes)('scrolls no page sideways: %s', { timeout: 180_000 }, async (_name, look) => {
    const wide: string[] = [];
    for (const [path, heading] of places()) {
      const page = await open(path, heading, look);
      if ((await overflowOf(page)) !== 0) wide.push(path);
      await page.context().close();
    }
    expect(wide).toEqual([]);
  });

  it('shows all of the text at twice its size', { timeout: 180_000 }, async () => {
    const faults: string[] = [];
    for (const [path, heading] of [...places(), ['/?generate', 'Generate diagnostic report'] as const]) {
      const page = await open(path, heading, {});
      await enlargeText(page, 2);
      if ((await overflowOf(page)) !== 0) faults.push(`${path} scrolls sideways`);
      for (const text of await cutTexts(page)) faults.push(`${path} cuts ${text}`);
      await page.context().close();
    }
    expect(faults).toEqual([]);
  });
});

describe('the login page', () => {
  let pages: LoginWorld;
  beforeAll(async () => {
    pages = await startLogin();
  });
  afterAll(() => pages.close(), 60_000);

  it.each(looks)('has no fault: %s', async (_name, look) => {
    const page = await pages.open('/', look);
    await page.getByRole('button', { name: 'How to make a token' }).click();
    expect(await violationsOf(page)).toEqual([]);
  });

  it('shows all of the text at twice its size', async () => {
    const page = await pages.open('/');
    await page.getByRole('button', { name: 'How to make a token' }).click();
    await enlargeText(page, 2);
    expect(await overflowOf(page)).toBe(0);
    expect(await cutTexts(page)).toEqual([]);
  });

  it('does not scroll sideways at 320 px', async () => {
    const page = await pages.open('/', { width: 320 });
    await page.getByRole('button', { name: 'How to make a token' }).click();
    expect(await overflowOf(page)).toBe(0);
  });
});
