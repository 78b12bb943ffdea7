import { GROUP, KIND, VERSION } from '../../../src/report/kind.ts';
import { type Paths, pathsBelow } from '../shell/paths.ts';

/** The plugin's name: of its ConsolePlugin, and in its addresses. */
export const PLUGIN = 'muster';
/** Where Muster's pages are in the console. */
export const BASE_PATH = '/muster';
/** The service, through the console's proxy and its alias `muster` (deploy/console/console-plugin.yaml). */
export const SERVICE_PATH = `/api/proxy/plugin/${PLUGIN}/muster`;

export const REPORT_KIND = { group: GROUP, version: VERSION, kind: KIND } as const;
/** The same as extensions and addresses of the console spell it. */
export const REPORT_REFERENCE = `${GROUP}~${VERSION}~${KIND}`;

/** `View on dashboard` leads to the cluster's own dashboard (seed, dialog): activity and status of reports are there. */
export const CONSOLE_PATHS: Paths = { ...pathsBelow(BASE_PATH), dashboard: '/dashboards' };
