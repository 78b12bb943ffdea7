import type { BrowserContext, Page } from 'playwright-core';
import { parse } from 'yaml';
import { createAccess } from '../../src/server/access.ts';
import { readFiles } from '../../src/server/pages.ts';
import type { Service } from '../../src/server/service.ts';
import { launchChromium } from '../browser/chromium.ts';
import { createPeople, type People } from '../browser/people.ts';
import { ask as askService, type RestAnswer, type ServiceWorld, startServiceWorld } from '../sandbox/service-world.ts';
import { buildConsole, HOST_FOLDER, PLUGIN_FOLDER } from './build.ts';
import { type ConsoleHost, startConsoleHost } from './host-server.ts';

/** For `beforeAll`: the plugin may have to be built first. */
export const STARTED_WITHIN_MS = 900_000;

export type VisitOptions = {
  /** Whose session it is; signed out without one. */
  readonly token?: string;
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
};

/** For tests: the sample cluster, the service with the built plugin, the host of it, and a browser. */
export type ConsoleWorld = People & {
  readonly world: ServiceWorld;
  readonly service: Service;
  readonly host: ConsoleHost;
  /** Opens a page of the host in a browser of its own. */
  open(path: string, options: VisitOptions): Promise<Page>;
  /** Asks the service itself, as whose token it is; `path` is below `/must-gather`. */
  ask(token: string, path: string, method?: string, body?: object): Promise<RestAnswer>;
  /** What went wrong in the pages: errors of scripts, refusals of the Content-Security-Policy. Empty when all is well. */
  readonly troubles: readonly string[];
  close(): Promise<void>;
};

export async function startConsole({ release = '4.22.0' } = {}): Promise<ConsoleWorld> {
  await buildConsole();
  const world = await startServiceWorld();
  const open: (() => Promise<unknown>)[] = [() => world.close()];
  const close = async () => {
    for (const end of open.reverse()) await end();
  };
  try {
    const service = await world.start({ access: createAccess(world.kube), plugin: await readFiles(PLUGIN_FOLDER) });
    const api = { url: world.sandbox.server, ca: caOf(world.sandbox.kubeconfig) };
    const host = await startConsoleHost({ folder: HOST_FOLDER, api, service: { url: service.url }, release });
    open.push(() => host.close());
    const browser = await launchChromium();
    open.push(() => browser.close());
    const troubles: string[] = [];
    const visit = async (path: string, { token, dark = false, width = 1440, height = 900 }: VisitOptions) => {
      const context: BrowserContext = await browser.newContext({
        colorScheme: dark ? 'dark' : 'light',
        viewport: { width, height },
        locale: 'en-US',
        acceptDownloads: true,
      });
      if (token !== undefined) await context.addCookies([...host.signIn(token)]);
      const page = await context.newPage();
      page.on('pageerror', (error) => troubles.push(String(error.stack ?? error)));
      page.on('console', (said) => {
        // That an answer was not well is said by the browser itself; tests ask for such.
        if (said.type() === 'error' && !/status of \d+|ERR_/.test(said.text())) troubles.push(said.text());
      });
      await page.goto(new URL(path, host.url).href);
      return page;
    };
    const ask: ConsoleWorld['ask'] = (token, path, method, body) =>
      askService(`${service.url}/must-gather${path}`, method, body, token);
    return { world, service, host, open: visit, ask, troubles, close, ...(await createPeople(world.kube)) };
  } catch (error) {
    await close();
    throw error;
  }
}

function caOf(kubeconfig: string): string {
  const { clusters } = parse(kubeconfig) as {
    readonly clusters: readonly { readonly cluster: { readonly 'certificate-authority-data': string } }[];
  };
  return Buffer.from(clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64').toString();
}
