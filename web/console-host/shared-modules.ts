import * as openshiftSdk from '@openshift/dynamic-plugin-sdk';
import { HealthState } from '@openshift-console/dynamic-plugin-sdk/lib/extensions/console-types';
import * as react from 'react';
import * as reactI18next from 'react-i18next';
import * as reactRouter from 'react-router';
import { consoleFetch } from './console-fetch.ts';
import { HAS_TOASTS } from './release.ts';
import { useToast } from './toasts.tsx';
import { useK8sWatchResource, useK8sWatchResources } from './use-watch.ts';

// The modules that console 4.22 shares with its plugins, in a share scope as webpack makes it. There is no react-dom among them,
// and nothing of PatternFly's: plugins bring theirs.

type Shared = { readonly version: string; readonly get: () => Promise<object> };

/** The hooks are this host's own, on the real API: of the SDK it has what Muster uses. */
const consoleSdk = {
  HealthState,
  consoleFetch,
  useK8sWatchResource,
  useK8sWatchResources,
  ...(HAS_TOASTS ? { useToast } : {}),
};

const at = (version: string, get: Shared['get']): Shared => ({ version, get });
const router = at('7.13.1', async () => reactRouter);

const modules: Readonly<Record<string, Shared>> = {
  '@openshift/dynamic-plugin-sdk': at('8.2.0', async () => openshiftSdk),
  '@openshift-console/dynamic-plugin-sdk': at('4.22.0', async () => consoleSdk),
  '@openshift-console/dynamic-plugin-sdk-internal': at('4.22.0', async () => ({})),
  '@patternfly/react-topology': at('6.4.0', () => import('@patternfly/react-topology')),
  react: at('18.3.1', async () => react),
  'react-i18next': at('16.5.8', async () => reactI18next),
  'react-redux': at('9.2.0', () => import('react-redux')),
  'react-router': router,
  'react-router-dom': router,
  'react-router-dom-v5-compat': router,
  redux: at('5.0.1', () => import('redux')),
  'redux-thunk': at('3.1.0', () => import('redux-thunk')),
};

/** As `PluginLoader` hands it to the plugin's container. */
export function sharedScope(): Record<string, Record<string, object>> {
  const scope = Object.entries(modules).map(([name, { version, get }]) => {
    const module = { from: 'openshift-console', eager: true, loaded: 1, get: async () => give(await get()) };
    return [name, { [version]: module }] as const;
  });
  return Object.fromEntries(scope);
}

const give = (module: object) => () => module;
