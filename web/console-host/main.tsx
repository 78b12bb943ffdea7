import '@patternfly/react-core/dist/styles/base.css';
import './host.css';
import { PluginLoader, PluginStore, PluginStoreProvider } from '@openshift/dynamic-plugin-sdk';
import type { ModelFeatureFlag } from '@openshift-console/dynamic-plugin-sdk';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { App } from './app.tsx';
import { modelOf } from './kinds.ts';
import { RELEASE } from './release.ts';
import { sharedScope } from './shared-modules.ts';
import { ToastPlace } from './toasts.tsx';
import { startWords } from './words.ts';

// The console's page has the styles of all of PatternFly: plugins bring none.
import.meta.glob('../../node_modules/@patternfly/react-styles/css/{components,layouts,utilities}/**/*.css', {
  eager: true,
});

// A page that loads Muster's plugin as console 4.22 does, for tests. It is not a console: docs/console.md.

const MANIFEST = '/api/plugins/muster/plugin-manifest.json';

function followTheme(): void {
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => document.documentElement.classList.toggle('pf-v6-theme-dark', prefersDark.matches);
  prefersDark.addEventListener('change', apply);
  apply();
}

/** Flags of `console.flag/model`: whether the API serves the kind. */
async function setFlags(store: PluginStore): Promise<void> {
  const flags = store
    .getExtensions()
    .filter((extension) => extension.type === 'console.flag/model')
    .map(async ({ properties }) => {
      const { flag, model } = properties as ModelFeatureFlag['properties'];
      return [flag, (await modelOf(model)) !== undefined] as const;
    });
  store.setFeatureFlags(Object.fromEntries(await Promise.all(flags)));
}

followTheme();
await startWords();
const store = new PluginStore({
  loader: new PluginLoader({
    sharedScope: sharedScope(),
    customDependencyResolutions: { '@console/pluginAPI': RELEASE },
  }),
});
await store.loadPlugin(MANIFEST);
// For tests: which modules the plugin exposes, and whether each is there.
Object.assign(globalThis, { pluginStore: store });
const place = document.getElementById('app');
if (place === null) throw new Error('index.html has no place for the host');
createRoot(place).render(
  <PluginStoreProvider store={store}>
    <BrowserRouter>
      <ToastPlace>
        <App />
      </ToastPlace>
    </BrowserRouter>
  </PluginStoreProvider>,
);
await setFlags(store);
