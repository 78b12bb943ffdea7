import { GROUP, KIND, VERSION } from '../src/report/kind.ts';
import { ALERT_NAMES } from './src/console/alerts.ts';
import { NAMESPACE } from './src/words/namespace.ts';

// What the plugin adds to the OpenShift console: docs/console.md tells each, and why it stands there.

const model = { group: GROUP, version: VERSION, kind: KIND };
/** Where the kind is not served there is nothing to show. */
const IS_SERVED = 'MUSTER_REPORTS';
const flags = { required: [IS_SERVED] };

/** Words that the console looks up when it shows them. */
const t = (english: string) => `%${NAMESPACE}~${english}%`;
const code = (reference: string) => ({ $codeRef: reference });

/** The code behind the extensions, by the name that their references begin with. */
export const exposedModules: Readonly<Record<string, string>> = {
  root: './src/console/extensions/root.tsx',
  pages: './src/console/extensions/pages.tsx',
  health: './src/console/extensions/health.ts',
  healthPopover: './src/console/extensions/health-popover.tsx',
  activity: './src/console/extensions/activity.tsx',
  alertAction: './src/console/extensions/alert-action.ts',
  details: './src/console/extensions/details.tsx',
  diagnosticsTab: './src/console/extensions/diagnostics-tab.tsx',
  resource: './src/console/extensions/resource.tsx',
};

/** As the manifest has them; the build holds them against the console's schema. */
type Extension = {
  readonly type: string;
  readonly properties: Record<string, unknown>;
  readonly flags?: { readonly required: string[] };
};

export const extensions: readonly Extension[] = [
  { type: 'console.flag/model', properties: { flag: IS_SERVED, model } },
  {
    type: 'console.context-provider',
    properties: { provider: code('root.RootProvider'), useValueHook: code('root.useRootValue') },
    flags,
  },
  { type: 'console.page/route', properties: { path: '/muster', component: code('pages.Pages') }, flags },
  {
    type: 'console.navigation/href',
    properties: {
      id: 'muster-reports',
      section: 'home',
      name: t('Diagnostic reports'),
      href: '/muster/reports',
      startsWith: ['/muster'],
      dataAttributes: { 'data-quickstart-id': 'qs-nav-muster', 'data-test-id': 'muster-nav' },
    },
    flags,
  },
  {
    type: 'console.dashboards/overview/health/resource',
    properties: {
      title: t('Diagnostics'),
      resources: code('health.healthResources'),
      healthHandler: code('health.reportHealth'),
      popupComponent: code('healthPopover.HealthPopover'),
      popupTitle: t('Diagnostic reports'),
    },
    flags,
  },
  {
    type: 'console.dashboards/overview/activity/resource',
    properties: {
      k8sResource: code('activity.watchedReports'),
      isActivity: code('activity.isOngoingReport'),
      getTimestamp: code('activity.startOf'),
      component: code('activity.Activity'),
    },
    flags,
  },
  ...ALERT_NAMES.map((alert) => ({
    type: 'console.alert-action',
    properties: { alert, text: t('Generate report'), action: code('alertAction.generateForAlert') },
    flags,
  })),
  {
    type: 'console.dashboards/custom/overview/detail/item',
    properties: { title: t('Diagnostic reports'), component: code('details.DetailsItem') },
    flags,
  },
  {
    type: 'console.dashboards/tab',
    properties: { id: 'muster', navSection: 'home', title: t('Diagnostics') },
    flags,
  },
  {
    type: 'console.dashboards/card',
    properties: { tab: 'muster', position: 'MAIN', component: code('diagnosticsTab.ReportsCard') },
    flags,
  },
  {
    type: 'console.dashboards/card',
    properties: { tab: 'muster', position: 'RIGHT', component: code('diagnosticsTab.ReportActivityCard') },
    flags,
  },
  {
    type: 'console.model-metadata',
    properties: {
      model,
      color: '#0066cc',
      label: t('Diagnostic report'),
      labelPlural: t('Diagnostic reports'),
      abbr: 'DR',
    },
  },
  {
    type: 'console.page/resource/list',
    properties: { model, component: code('pages.ResourceList') },
    flags,
  },
  {
    type: 'console.action/resource-provider',
    properties: { model, provider: code('resource.useResourceActions') },
    flags,
  },
  {
    type: 'console.tab/horizontalNav',
    properties: {
      model,
      page: { name: t('Report'), href: 'report' },
      component: code('resource.ResourceTab'),
    },
    flags,
  },
  {
    type: 'console.resource/details-item',
    properties: {
      model,
      id: 'muster-status',
      column: 'right',
      title: t('Status'),
      component: code('resource.ResourceStatus'),
    },
    flags,
  },
  {
    type: 'console.yaml-template',
    properties: { model, name: 'default', template: code('resource.yamlTemplate') },
    flags,
  },
];
