import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { specSchema, validateSpec } from '../src/report/spec.ts';
import { olmBundle } from './olm-bundle.ts';
import { specDescriptors, statusDescriptors } from './olm-descriptors.ts';

type Manifest = { kind: string; metadata: { name: string }; rules?: unknown; spec?: unknown };
type Rights = { serviceAccountName: string; rules: unknown }[];
type Csv = {
  metadata: { name: string; annotations: Record<string, string> };
  spec: {
    version: string;
    icon: { base64data: string }[];
    install: {
      spec: { clusterPermissions: Rights; permissions: Rights; deployments: { name: string; spec: Deployed }[] };
    };
    relatedImages: { image: string }[];
  };
};
type Deployed = { template: { spec: { securityContext: object; containers: { image: string }[] } } };

const root = join(import.meta.dirname, '..');
const IMAGE = `example.com/muster@sha256:${'a'.repeat(64)}`;
const files = olmBundle(IMAGE);
const csv = parse(files.find(({ name }) => name.includes('clusterserviceversion'))?.content ?? '') as Csv;

const base: Manifest[] = readdirSync(join(root, 'deploy/base'))
  .filter((name) => name !== 'kustomization.yaml')
  .flatMap((name) => parseAllDocuments(readFileSync(join(root, 'deploy/base', name), 'utf8')))
  .map((document) => document.toJS() as Manifest);
const ofBase = (kind: string) => base.find((one) => one.kind === kind);

test('the rights and the deployment are those of deploy/base, with the image and without fixed users', () => {
  const { clusterPermissions, permissions, deployments } = csv.spec.install.spec;
  expect(clusterPermissions).toEqual([{ serviceAccountName: 'muster', rules: ofBase('ClusterRole')?.rules }]);
  expect(permissions).toEqual([{ serviceAccountName: 'muster', rules: ofBase('Role')?.rules }]);
  const { securityContext, containers } = deployments[0]?.spec.template.spec ?? { containers: [] };
  expect(securityContext).toEqual({
    runAsNonRoot: true,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  });
  const deployed = ofBase('Deployment')?.spec as Deployed | undefined;
  expect(containers).toEqual(deployed?.template.spec.containers.map((container) => ({ ...container, image: IMAGE })));
});

test('names the image wherever mirrors and catalogs look for it', () => {
  expect(csv.spec.relatedImages).toEqual([{ name: 'muster', image: IMAGE }]);
  expect(csv.metadata.annotations.containerImage).toBe(IMAGE);
  expect(files.map(({ content }) => content).join('')).not.toMatch(/image: muster\b/);
});

test('bundle, and what is applied before it, are together all of deploy/base', () => {
  const bundled = files.flatMap(({ name, content }) =>
    name.startsWith('manifests/') ? [parse(content) as Manifest] : [],
  );
  const byLifecycleManager = [
    'ClusterRole',
    'ClusterRoleBinding',
    'Deployment',
    'Role',
    'RoleBinding',
    'ServiceAccount',
  ];
  const before = parse(readFileSync(join(root, 'deploy/olm/before/kustomization.yaml'), 'utf8')) as {
    patches: { target: { kind: string } }[];
  };
  const removed = before.patches.flatMap(({ target }) => target.kind.split('|'));
  expect(removed.sort()).toEqual(
    [...byLifecycleManager, ...bundled.map(({ kind }) => kind).filter((kind) => kind !== 'ClusterServiceVersion')]
      .filter((kind, place, all) => all.indexOf(kind) === place)
      .sort(),
  );
  const inBase = base.filter(({ kind }) => ['Service', 'CustomResourceDefinition'].includes(kind));
  expect(
    bundled
      .slice(1)
      .map(({ metadata }) => metadata.name)
      .sort(),
  ).toEqual(inBase.map(({ metadata }) => metadata.name).sort());
});

test('holds only kinds that OLM takes', () => {
  // operator-registry, pkg/lib/bundle/supported_resources.go; of these Muster uses:
  const taken = ['ClusterServiceVersion', 'CustomResourceDefinition', 'Service'];
  for (const { name, content } of files) {
    if (!name.startsWith('manifests/')) continue;
    expect(parseAllDocuments(content)).toHaveLength(1);
    expect(taken).toContain((parse(content) as Manifest).kind);
  }
});

test('describes every field of the spec, each once, and the fields of the status that are one value', () => {
  expect(specDescriptors().map(({ path }) => path)).toEqual(Object.keys(specSchema.properties));
  expect(specDescriptors().find(({ path }) => path === 'sinceTime')).toEqual({
    path: 'sinceTime',
    displayName: 'Since time',
    description: 'RFC 3339; gather only logs after this time.',
    'x-descriptors': ['urn:alm:descriptor:com.tectonic.ui:text', 'urn:alm:descriptor:com.tectonic.ui:advanced'],
  });
  const status = new Map(statusDescriptors().map((one) => [one.path, one]));
  expect(status.get('report_url')).toMatchObject({
    displayName: 'Report URL',
    'x-descriptors': ['urn:alm:descriptor:org.w3:link'],
  });
  expect(status.get('conditions')?.['x-descriptors']).toEqual(['urn:alm:descriptor:io.kubernetes.conditions']);
  expect([...status.keys()]).not.toContain('gathers');
});

test('the version is that of the package, and the icon is our own', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(csv.metadata.name).toBe(`muster.v${version}`);
  expect(csv.spec.version).toBe(version);
  expect(Buffer.from(csv.spec.icon[0]?.base64data ?? '', 'base64').toString()).toContain('aria-label="Muster"');
});

test('the examples are reports that Muster takes', () => {
  const examples = JSON.parse(csv.metadata.annotations['alm-examples'] ?? '') as { kind: string; spec: unknown }[];
  expect(examples.map(({ kind }) => kind)).toEqual(['MustGatherReport']);
  for (const { spec } of examples) expect(validateSpec(spec).spec.since).toBe('8h0m0s');
});
