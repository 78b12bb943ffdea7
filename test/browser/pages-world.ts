import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { readPages } from '../../src/server/pages.ts';
import type { Service, ServiceOptions } from '../../src/server/service.ts';
import { type ServiceWorld, startServiceWorld } from '../sandbox/service-world.ts';
import { launchChromium } from './chromium.ts';

const folder = fileURLToPath(new URL('../../dist/pages', import.meta.url));

export type OpenOptions = {
  readonly dark?: boolean;
  readonly moreContrast?: boolean;
  readonly width?: number;
  readonly height?: number;
  /** Of the browser, such as `ar`. */
  readonly locale?: string;
  /** A browser of its own, with cookies of its own, unless given. */
  readonly context?: BrowserContext;
};

/** For tests: the service on a sandbox with the built pages, and a browser to open them in. */
export type PagesWorld = {
  readonly world: ServiceWorld;
  readonly service: Service;
  /** Opens a page of the service. */
  open(path: string, options?: OpenOptions): Promise<Page>;
  /** What went wrong in the pages: errors of scripts, refusals of the Content-Security-Policy. Empty when all is well. */
  readonly troubles: readonly string[];
  /** Stops the service, as a server that is updated; `again` starts one at the same address. */
  stop(): Promise<void>;
  again(): Promise<void>;
  close(): Promise<void>;
};

export type PagesWorldOptions = {
  /** The sample cluster unless false. */
  readonly sample?: boolean;
  /** For the service, by the cluster that it serves. */
  readonly options?: (world: ServiceWorld) => Partial<ServiceOptions>;
};

export async function startPages({
  sample = true,
  options: optionsOf = () => ({}),
}: PagesWorldOptions = {}): Promise<PagesWorld> {
  const pages = await readPages(folder);
  if (pages === undefined) throw new Error('the pages were not built');
  const world = await startServiceWorld({ sample });
  const options = optionsOf(world);
  let service: Service;
  let browser: Browser;
  try {
    service = await world.start({ pages, ...options });
    browser = await launchChromium();
  } catch (error) {
    await world.close();
    throw error;
  }
  const port = Number(new URL(service.url).port);
  const troubles: string[] = [];
  return {
    world,
    get service() {
      return service;
    },
    troubles,
    open: async (path, wish = {}) => {
      const context = wish.context ?? (await browser.newContext(contextOf(wish)));
      const page = await context.newPage();
      page.on('pageerror', (error) => troubles.push(String(error.stack ?? error)));
      page.on('console', (said) => {
        // That a server cannot be reached is said by the browser itself.
        if (said.type() === 'error' && !/ERR_|status of \d+/.test(said.text())) troubles.push(said.text());
      });
      await page.goto(new URL(path, service.url).href);
      return page;
    },
    stop: () => service.stop(),
    again: async () => {
      service = await world.start({ pages, ...options, listen: { host: '127.0.0.1', port } });
    },
    close: async () => {
      await browser.close();
      await world.close();
    },
  };
}

function contextOf({ dark = false, moreContrast = false, width = 1280, height = 800, locale = 'en-US' }: OpenOptions) {
  return {
    colorScheme: dark ? ('dark' as const) : ('light' as const),
    contrast: moreContrast ? ('more' as const) : ('no-preference' as const),
    viewport: { width, height },
    locale,
    acceptDownloads: true,
  };
}
