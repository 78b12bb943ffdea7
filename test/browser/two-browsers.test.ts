import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../sandbox/service-world.ts';
import { median, tellFigures } from './figures.ts';
import { type PagesWorld, startPages } from './pages-world.ts';

const ROUNDS = 5;

let pages: PagesWorld;
beforeAll(async () => {
  pages = await startPages();
});
afterAll(() => pages.close(), 60_000);

/** Writes down when the Activity card first shows each number, by the clock of the machine. */
const WATCH = `
  window.shownAt = new Map();
  new MutationObserver(() => {
    for (const [, id] of (document.querySelector('[aria-label="Activity"]')?.textContent ?? '').matchAll(/#(\\d+)/g)) {
      if (!window.shownAt.has(id)) window.shownAt.set(id, Date.now());
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
`;

it('a report that begins in one browser stands on the dashboard of the other', { timeout: 120_000 }, async () => {
  const [mine, yours] = [await pages.open('/'), await pages.open('/')];
  for (const page of [mine, yours]) await page.getByRole('heading', { name: 'No reports yet' }).waitFor();
  await yours.evaluate(WATCH);
  const tookMs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id, answeredAt } = await mine.evaluate(async () => {
      const body = JSON.stringify({ components: ['cluster'], command: 'sleep 300', since: '8h' });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch('/must-gather', { method: 'POST', headers, body });
      const answer = (await response.json()) as { id: number };
      return { id: answer.id, answeredAt: Date.now() };
    });
    const activity = yours.getByRole('region', { name: 'Activity' });
    await activity.getByRole('link', { name: `View report #${id}` }).waitFor();
    await expect.poll(() => yours.evaluate(`window.shownAt.has('${id}')`)).toBe(true);
    tookMs.push(Number(await yours.evaluate(`window.shownAt.get('${id}')`)) - answeredAt);
    await ask(`${pages.service.url}/must-gather/${id}`, 'DELETE');
    await activity.getByRole('link', { name: `View report #${id}` }).waitFor({ state: 'detached' });
  }
  tellFigures('from the answer to the row in the other browser, ms', {
    median: median(tookMs),
    longest: Math.max(...tookMs),
  });
  expect(pages.troubles).toEqual([]);
});
