import { isAlreadyExists, isConflict, isForbidden, isNotFound } from '../kube/errors.ts';
import type { Kind, KubeObject } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';

// The help menu of the OpenShift console has no extension point for plugins, but links. Theirs want an absolute address,
// which only the cluster knows.

type ConsoleLink = KubeObject & { spec?: { href?: string; location?: string; text?: string } };
type ConsoleConfig = KubeObject & { status?: { consoleURL?: string } };

const consoleLinks: Kind<ConsoleLink> = kindOf('console.openshift.io', 'consolelinks', 'ConsoleLink');
const consolePlugins: Kind = kindOf('console.openshift.io', 'consoleplugins', 'ConsolePlugin');
const consoles: Kind<ConsoleConfig> = kindOf('config.openshift.io', 'consoles', 'Console');

const PLUGIN = 'muster';
const LINK = 'muster-generate-report';
const OWNER_LABEL = 'app.kubernetes.io/managed-by';
const OWNER = 'muster';
/** The route that the plugin adds to the console; the query opens the dialog. */
const PAGE = '/muster?generate';

/**
 * Keeps the link `Generate diagnostic report` in the help menu of the console right while Muster's plugin is installed there,
 * and removes it with the plugin. A link of that name that is somebody else's stays as it is. Where there is no console, or
 * Muster has no right to its links (deploy/console gives it), nothing happens. Answers with what was done, for the log.
 * Throws `KubeError`.
 */
export async function keepConsoleLink(kube: Kube, signal: AbortSignal): Promise<string | undefined> {
  try {
    const href = await linkTarget(kube, signal);
    const link = await existing(kube, signal);
    if (link !== undefined && link.metadata.labels?.[OWNER_LABEL] !== OWNER) return undefined;
    if (href === undefined) return link === undefined ? undefined : await removeLink(kube, link, signal);
    return link === undefined ? await createLink(kube, href, signal) : await correctLink(kube, link, href, signal);
  } catch (error) {
    // Another kind of cluster, or a service without the overlay for the console.
    if (isNotFound(error) || isForbidden(error)) return undefined;
    throw error;
  }
}

/** Where the link leads; `undefined` without the plugin, or while the console has no address. */
async function linkTarget(kube: Kube, signal: AbortSignal): Promise<string | undefined> {
  const plugin = await unlessAbsent(kube.get(consolePlugins, PLUGIN, { signal }));
  if (plugin === undefined) return undefined;
  const { status } = await kube.get(consoles, 'cluster', { signal });
  const url = status?.consoleURL ?? '';
  return url.startsWith('https://') ? url.replace(/\/+$/, '') + PAGE : undefined;
}

const existing = (kube: Kube, signal: AbortSignal) => unlessAbsent(kube.get(consoleLinks, LINK, { signal }));

const specOf = (href: string) => ({ href, location: 'HelpMenu', text: 'Generate diagnostic report' });

async function createLink(kube: Kube, href: string, signal: AbortSignal): Promise<string | undefined> {
  const link = { metadata: { name: LINK, labels: { [OWNER_LABEL]: OWNER } }, spec: specOf(href) };
  try {
    await kube.create(consoleLinks, link, { signal });
  } catch (error) {
    // Made by somebody else meanwhile: looked at the next time.
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
  return `made ConsoleLink ${LINK} to ${href}`;
}

async function correctLink(kube: Kube, link: ConsoleLink, href: string, signal: AbortSignal) {
  const spec = specOf(href);
  const { href: was, location, text } = link.spec ?? {};
  if (was === spec.href && location === spec.location && text === spec.text) return undefined;
  const { resourceVersion } = link.metadata;
  try {
    await kube.patch(consoleLinks, LINK, 'merge', { metadata: { resourceVersion }, spec }, { signal });
  } catch (error) {
    // Changed meanwhile, perhaps by its new owner: looked at the next time.
    if (isConflict(error)) return undefined;
    throw error;
  }
  return `corrected ConsoleLink ${LINK} to ${href}`;
}

async function removeLink(kube: Kube, { metadata: { uid } }: ConsoleLink, signal: AbortSignal): Promise<string> {
  await kube.remove(consoleLinks, LINK, { uid, signal });
  return `removed ConsoleLink ${LINK}: the console has no plugin ${PLUGIN}`;
}

async function unlessAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function kindOf<T extends KubeObject>(group: string, plural: string, kind: string): Kind<T> {
  return { group, version: 'v1', plural, kind, namespaced: false };
}
