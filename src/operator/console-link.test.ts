import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAccessWorld } from '../../test/sandbox/access-world.ts';
import { clusterKind, serveKinds } from '../../test/sandbox/more-kinds.ts';
import { keepConsoleLink } from './console-link.ts';

const links = clusterKind('console.openshift.io', 'consolelinks', 'ConsoleLink');
const plugins = clusterKind('console.openshift.io', 'consoleplugins', 'ConsolePlugin');
const consoles = clusterKind('config.openshift.io', 'consoles', 'Console');
const LINK = 'muster-generate-report';

describe('the link in the help menu of the console', () => {
  let world: Awaited<ReturnType<typeof startAccessWorld>>;
  const { signal } = new AbortController();
  const keep = () => keepConsoleLink(world.admin, signal);
  const link = () => world.admin.get(links, LINK);
  beforeAll(async () => {
    world = await startAccessWorld();
  });
  afterAll(() => world.close());

  it('is not made on a cluster without a console', async () => {
    expect(await keep()).toBeUndefined();
    await serveKinds(world.sandbox, world.admin, [links, plugins, consoles]);
  });

  it('is not made without the plugin, nor while the console has no address', async () => {
    await world.admin.create(consoles, { metadata: { name: 'cluster' }, status: {} });
    expect(await keep()).toBeUndefined();
    await world.admin.create(plugins, { metadata: { name: 'muster' } });
    expect(await keep()).toBeUndefined();
  });

  it('leads to the dialog at the address of the console, and follows it', async () => {
    const at = (consoleURL: string) => world.admin.patch(consoles, 'cluster', 'merge', { status: { consoleURL } });
    await at('https://console.apps.one.example');
    expect(await keep()).toContain('made');
    const { spec } = await link();
    expect(spec).toEqual({
      href: 'https://console.apps.one.example/muster?generate',
      location: 'HelpMenu',
      text: 'Generate diagnostic report',
    });
    expect(await keep()).toBeUndefined();
    await at('https://console.apps.other.example/');
    expect(await keep()).toContain('corrected');
    expect((await link()).spec).toMatchObject({ href: 'https://console.apps.other.example/muster?generate' });
  });

  it('is mended after a person changed it, and goes with the plugin', async () => {
    await world.admin.patch(links, LINK, 'merge', { spec: { text: 'Something else' } });
    expect(await keep()).toContain('corrected');
    expect((await link()).spec).toMatchObject({ text: 'Generate diagnostic report' });
    await world.admin.remove(plugins, 'muster');
    expect(await keep()).toContain('removed');
    await expect(link()).rejects.toThrow(LINK);
  });

  it("stays as it is where it is somebody else's", async () => {
    const theirs = { href: 'https://docs.example', location: 'HelpMenu', text: 'Theirs' };
    await world.admin.create(links, { metadata: { name: LINK }, spec: theirs });
    expect(await keep()).toBeUndefined();
    await world.admin.create(plugins, { metadata: { name: 'muster' } });
    expect(await keep()).toBeUndefined();
    expect((await link()).spec).toEqual(theirs);
  });

  it('is left alone without the rights to it', async () => {
    await world.makeAccount('default', 'nobody');
    const nobody = await world.as('default', 'nobody');
    expect(await keepConsoleLink(nobody, signal)).toBeUndefined();
  });
});
