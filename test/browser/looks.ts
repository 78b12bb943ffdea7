import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What breaks WCAG 2.1 A or AA, and where. */
export async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** By how many pixels the page is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  return Number(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'));
}

/**
 * Texts that stand in a box too small for them which shows no more of them: neither by scrolling, nor by a title. What is
 * only for screen readers is cut on purpose.
 */
export async function cutTexts(page: Page): Promise<string[]> {
  return (await page.evaluate(CUT)) as string[];
}

const CUT = `(() => {
  const isHidden = (value) => value === 'hidden' || value === 'clip';
  const cut = [];
  for (const element of document.body.querySelectorAll('*')) {
    const { overflowX, overflowY } = getComputedStyle(element);
    const { width, height } = element.getBoundingClientRect();
    const isSeen = width > 2 && height > 2 && element.checkVisibility();
    const isTold = element.closest('.pf-v6-screen-reader') !== null || element.closest('[title]') !== null;
    const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    const isWide = isHidden(overflowX) && element.scrollWidth > element.clientWidth + 1;
    const isHigh = isHidden(overflowY) && element.scrollHeight > element.clientHeight + 1;
    // PatternFly's tabs have buttons that scroll them.
    const isScrolled = element.classList.contains('pf-v6-c-tabs');
    const isInSvg = element instanceof SVGElement;
    if (isSeen && !isTold && !isInSvg && !isScrolled && (isWide || isHigh) && (ownText || element.textContent.trim() !== '')) {
      cut.push(element.tagName + '.' + element.className + ': ' + element.textContent.trim().slice(0, 80));
    }
  }
  return cut;
})()`;

/** Sets text to so many times its size, as a person does in their browser's settings. */
export async function enlargeText(page: Page, times: number): Promise<void> {
  await page.evaluate(`document.documentElement.style.fontSize = '${times * 100}%'`);
}
