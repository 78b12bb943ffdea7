import { mkdir } from 'node:fs/promises';
import type { ServedResource } from '../kube/discovery.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';
import { pageOfFile } from './event-collector.ts';
import type { Inspected, InspectionOptions, Inspector } from './inspector.ts';
import { runInspection } from './run-inspection.ts';
import { parseTargets, resourcesOf, type Target } from './targets.ts';
import { openTree } from './tree.ts';
import { addAll, addOne } from './visit.ts';

export type InspectOptions = InspectionOptions & {
  /** As kubectl takes them: `type`, `type/name`, `type.version.group`, comma lists, `ns/NAME`, `type name name`. */
  readonly targets: readonly string[];
  /** Where targets of namespaced types live; `default` unless told. */
  readonly namespace?: string | undefined;
  readonly allNamespaces?: boolean | undefined;
  /** Only make the event page out of this file; nothing is asked of the cluster. */
  readonly eventsFile?: string | undefined;
};

/**
 * Dumps the targets, and all that hangs on them, in the layout of `oc adm inspect` (reference, oc §2.12). What cannot
 * be read is an error in the result, and the rest is written. Throws when the cluster cannot be asked what it serves,
 * or the folder cannot be written.
 */
export async function inspect(kube: Kube, options: InspectOptions): Promise<Inspected> {
  if (options.eventsFile !== undefined) return inspectEventsFile(options.eventsFile, options);
  return runInspection(kube, options, {
    begin: (inspector) => {
      for (const target of parseTargets(options.targets)) addTarget(inspector, target, options);
    },
  });
}

function addTarget(inspector: Inspector, { type, names }: Target, options: InspectOptions): void {
  const resources = resourcesOf(inspector.discovery, type);
  if (resources.length === 0) inspector.fail(`the cluster serves no resource "${type}"`);
  for (const resource of resources) addResource(inspector, resource, names, options);
}

function addResource(
  inspector: Inspector,
  resource: ServedResource,
  names: readonly string[],
  { namespace = 'default', allNamespaces = false }: InspectOptions,
): void {
  const scope = resource.namespaced ? namespace : undefined;
  if (names.length === 0) addAll(inspector, resource, allNamespaces ? undefined : scope);
  for (const name of names) addOne(inspector, resource, name, scope);
}

async function inspectEventsFile(eventsFile: string, { destDir, say }: InspectOptions): Promise<Inspected> {
  try {
    const page = await pageOfFile(eventsFile);
    const tree = openTree(destDir);
    await mkdir(destDir, { recursive: true });
    await tree.write('event-filter.html', page);
    return { ...tree.written(), errors: [] };
  } catch (error) {
    const line = `${eventsFile}: ${messageOf(error)}`;
    say(`error: ${line}`);
    return { files: 0, sizeBytes: 0, errors: [line] };
  }
}
