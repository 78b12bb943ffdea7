import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { root } from './command.ts';
import { built, hasKubectl, OVERLAY_CHOICES, type OverlayChoice } from './overlays.ts';

// What the overlays come to, as far as no cluster is needed to see it. Whether an API server takes it: test/cluster.

type Container = {
  name: string;
  image: string;
  args: string[];
  ports: { containerPort: number }[];
  env: { name: string }[];
  volumeMounts: { name: string }[];
};
type Built = {
  kind: string;
  metadata: { name: string };
  spec: {
    strategy: { type: string };
    ingress?: { ports: { port: number }[] }[];
    template: { spec: { containers: Container[]; volumes: { name: string }[]; securityContext: object } };
  };
};

const nameOf = ({ overlay, components }: OverlayChoice) => [overlay, ...components].join(' + ');

describe.skipIf(!hasKubectl).each(OVERLAY_CHOICES.map((choice) => [nameOf(choice), choice] as const))(
  '%s',
  (_, choice) => {
    const has = (component: string) => choice.components.includes(component);
    let objects: Built[] = [];
    let spec: Built['spec'];
    beforeAll(() => {
      objects = parseAllDocuments(built(choice)).map((document) => document.toJS() as Built);
      const deployment = objects.find(({ kind }) => kind === 'Deployment');
      if (deployment === undefined) throw new Error('there is no Deployment');
      spec = deployment.spec;
    });

    it('has Muster as its first container, with what each volume mount and variable needs', () => {
      const { containers, volumes } = spec.template.spec;
      expect(containers[0]?.name).toBe('muster');
      for (const { image, volumeMounts, env = [] } of containers) {
        expect(image).toMatch(/^example\.com\//);
        for (const { name } of volumeMounts) expect(volumes.map((volume) => volume.name)).toContain(name);
        expect(new Set(env.map(({ name }) => name)).size).toBe(env.length);
      }
    });

    it('lets in to every port that a container has, and to no other', () => {
      const allowed = objects
        .filter(({ kind }) => kind === 'NetworkPolicy')
        .flatMap(({ spec }) => spec.ingress ?? [])
        .flatMap(({ ports }) => ports.map(({ port }) => port));
      const served = spec.template.spec.containers.flatMap(({ ports }) =>
        ports.map(({ containerPort }) => containerPort),
      );
      expect(allowed.sort()).toEqual(served.sort());
    });

    it('keeps archives where it says, and is replaced as that allows', () => {
      const { strategy, template } = spec;
      const [muster] = template.spec.containers;
      const isOnVolume = !has('s3');
      expect(muster?.args.includes('--store=/var/lib/muster')).toBe(isOnVolume);
      expect(template.spec.volumes.some(({ name }) => name === 'store')).toBe(isOnVolume);
      expect(objects.some(({ kind }) => kind === 'PersistentVolumeClaim')).toBe(isOnVolume);
      expect(strategy.type).toBe(has('replicas') ? 'RollingUpdate' : 'Recreate');
    });

    it('names users and groups only where the cluster does not', () => {
      const { securityContext } = spec.template.spec;
      const named = Object.keys(securityContext).filter((key) => /^(runAs(User|Group)|fsGroup)/.test(key));
      expect(named.length > 0).toBe(choice.overlay === 'kubernetes');
    });
  },
);

it('are tried with every component that there is', () => {
  const tried = new Set(OVERLAY_CHOICES.flatMap(({ components }) => components));
  // In the overlays already: the first in both, the second in OpenShift's.
  for (const name of ['network-policies', 'oauth-proxy']) tried.add(name);
  expect(readdirSync(join(root, 'deploy/components')).sort()).toEqual([...tried].sort());
});
