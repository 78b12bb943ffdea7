// The bundle by which the Operator Lifecycle Manager installs Muster, out of deploy/base: `npm run generate` writes it to
// deploy/olm/bundle, scripts/release.ts with the image of a release. docs/olm.md says what a bundle cannot hold.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { clientVersion } from '../src/cli/version.ts';
import { mustGatherReportCrd } from '../src/report/crd.ts';
import { GROUP, KIND, PLURAL, VERSION } from '../src/report/kind.ts';
import { specDescriptors, statusDescriptors } from './olm-descriptors.ts';

const root = join(import.meta.dirname, '..');
const PACKAGE = 'muster';
const CHANNEL = 'candidate';
/** ValidatingAdmissionPolicy is stable from there on; OpenShift 4.17 is Kubernetes 1.30. */
const OLDEST = { kubernetes: '1.30.0', openshift: 'v4.17' };

export type BundleFile = { readonly name: string; readonly content: string };
type Json = { [key: string]: unknown };
type Manifest = Json & { kind: string; metadata: Json & { name: string; labels?: Json } };

/** Every file of the bundle for `image`, by its name in the bundle's folder. */
export function olmBundle(image = `muster:${clientVersion()}`): BundleFile[] {
  const labels = { 'app.kubernetes.io/name': 'muster', 'app.kubernetes.io/part-of': 'muster' };
  const services = base('services.yaml').map(({ metadata: { namespace: _, ...metadata }, ...service }) => ({
    name: `manifests/${metadata.name}.service.yaml`,
    content: yaml({ ...service, metadata: { ...metadata, labels } }),
  }));
  return [
    { name: 'manifests/muster.clusterserviceversion.yaml', content: yaml(clusterServiceVersion(image)) },
    { name: `manifests/${PLURAL}.${GROUP}.crd.yaml`, content: yaml(mustGatherReportCrd()) },
    ...services,
    { name: 'metadata/annotations.yaml', content: yaml({ annotations: bundleAnnotations }) },
    { name: 'bundle.Dockerfile', content: dockerfile() },
  ];
}

function clusterServiceVersion(image: string): Json {
  const version = clientVersion();
  return {
    apiVersion: 'operators.coreos.com/v1alpha1',
    kind: 'ClusterServiceVersion',
    metadata: {
      name: `${PACKAGE}.v${version}`,
      // OLM puts in the namespace that it is installed to.
      namespace: 'placeholder',
      annotations: annotations(image),
    },
    spec: {
      displayName: 'Muster',
      description: DESCRIPTION,
      version,
      maturity: 'alpha',
      minKubeVersion: OLDEST.kubernetes,
      keywords: ['must-gather', 'diagnostics', 'support', 'troubleshooting'],
      provider: { name: 'The authors of Muster' },
      icon: [{ base64data: readFileSync(join(root, 'web/public/muster.svg'), 'base64'), mediatype: 'image/svg+xml' }],
      // The policies know the server by its namespace, and reports may be in any: there is one Muster in a cluster.
      installModes: ['OwnNamespace', 'SingleNamespace', 'MultiNamespace', 'AllNamespaces'].map((type) => ({
        type,
        supported: type === 'AllNamespaces',
      })),
      install: { strategy: 'deployment', spec: installStrategy(image) },
      customresourcedefinitions: {
        owned: [
          {
            name: `${PLURAL}.${GROUP}`,
            version: VERSION,
            kind: KIND,
            displayName: 'Must-gather report',
            description: 'A diagnostic report of a cluster: a request for it, and what became of it.',
            resources: ['Namespace', 'Pod'].map((kind) => ({ kind, name: '', version: 'v1' })),
            specDescriptors: specDescriptors(),
            statusDescriptors: statusDescriptors(),
          },
        ],
      },
      relatedImages: [{ name: 'muster', image }],
    },
  };
}

/** Rights and deployment as in deploy/base. OLM makes the service account, the roles and their bindings itself. */
function installStrategy(image: string): Json {
  const rules = (file: string, kind: string) => [{ serviceAccountName: 'muster', rules: only(file, kind).rules }];
  const { metadata, spec } = only('deployment.yaml', 'Deployment');
  return {
    clusterPermissions: rules('cluster-role.yaml', 'ClusterRole'),
    permissions: rules('role.yaml', 'Role'),
    deployments: [
      {
        name: metadata.name,
        label: { 'app.kubernetes.io/name': 'muster' },
        spec: withImage(spec as DeploymentSpec, image),
      },
    ],
  };
}

type DeploymentSpec = Json & {
  template: Json & { spec: Json & { securityContext: Json; containers: (Json & { name: string })[] } };
};

/** With this image, and as whom the cluster wants: OpenShift gives each namespace users of its own. */
function withImage(spec: DeploymentSpec, image: string): Json {
  const { runAsUser: _, runAsGroup: __, fsGroup: ___, ...securityContext } = spec.template.spec.securityContext;
  const containers = spec.template.spec.containers.map((one) => (one.name === 'muster' ? { ...one, image } : one));
  const podSpec = { ...spec.template.spec, securityContext, containers };
  return { ...spec, template: { ...spec.template, spec: podSpec } };
}

/** https://docs.openshift.com: "Infrastructure features" and what else the console reads off a ClusterServiceVersion. */
function annotations(image: string): Json {
  const [namespace] = base('namespace.yaml');
  const feature = (name: string, has: boolean) => [`features.operators.openshift.io/${name}`, String(has)];
  return {
    'alm-examples': JSON.stringify(examples, null, 2),
    capabilities: 'Basic Install',
    categories: 'Monitoring,OpenShift Optional',
    containerImage: image,
    description: 'must-gather as a service: diagnostic reports of the cluster, each one archive',
    support: 'The authors of Muster',
    'operatorframework.io/suggested-namespace': 'muster',
    'operatorframework.io/suggested-namespace-template': JSON.stringify(namespace),
    ...Object.fromEntries([
      // All images are named by the administrator, and by digest: nothing is fetched from elsewhere.
      feature('disconnected', true),
      feature('fips-compliant', false),
      feature('proxy-aware', true),
      feature('tls-profiles', false),
      feature('token-auth-aws', false),
      feature('token-auth-azure', false),
      feature('token-auth-gcp', false),
      feature('cnf', false),
      feature('cni', false),
      feature('csi', false),
    ]),
  };
}

const examples = [
  { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, metadata: { name: 'report' }, spec: { since: '8h0m0s' } },
];

const DESCRIPTION = `Ask for a diagnostic report of the cluster from a web page, over REST, with kubectl or from the
command line; watch it being gathered; download one archive in the layout of \`oc adm must-gather\`.

**Before you install**, as a cluster-admin, in the folder of Muster's sources or of its release:

    kubectl apply -k deploy/olm/before

It makes the namespace \`muster\`, the claim for the archives, and the four admission policies which say who may ask for a
report and what Muster itself may touch. A bundle cannot hold these. Without the claim the server does not start, and without the policy
\`reports.muster.dev\` it gathers nothing. Install to the namespace \`muster\`: the policies know the server by it.

**Only a cluster-admin may ask for a report**: it reads the whole cluster.
`;

const bundleAnnotations = {
  'operators.operatorframework.io.bundle.mediatype.v1': 'registry+v1',
  'operators.operatorframework.io.bundle.manifests.v1': 'manifests/',
  'operators.operatorframework.io.bundle.metadata.v1': 'metadata/',
  'operators.operatorframework.io.bundle.package.v1': PACKAGE,
  'operators.operatorframework.io.bundle.channels.v1': CHANNEL,
  'operators.operatorframework.io.bundle.channel.default.v1': CHANNEL,
  'com.redhat.openshift.versions': OLDEST.openshift,
};

function dockerfile(): string {
  return [
    MADE.trimEnd(),
    'FROM scratch',
    ...Object.entries(bundleAnnotations).map(([key, value]) => `LABEL ${key}=${value}`),
    'COPY manifests /manifests/',
    'COPY metadata /metadata/',
    '',
  ].join('\n');
}

const MADE = '# Made by `npm run generate` from deploy/base and scripts/olm-bundle.ts: change it there.\n';

function yaml(value: unknown): string {
  return MADE + stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

function base(file: string): Manifest[] {
  const text = readFileSync(join(root, 'deploy/base', file), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

function only(file: string, kind: string): Manifest {
  const found = base(file).find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`deploy/base/${file} has no ${kind}`);
  return found;
}
