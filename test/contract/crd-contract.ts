import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNotFound, KubeError } from '../../src/kube/errors.ts';
import type { Condition, Kind, KubeObject } from '../../src/kube/kinds.ts';
import { namespaces } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { mustGatherReportCrd } from '../../src/report/crd.ts';
import { GROUP, KIND, PLURAL, VERSION } from '../../src/report/kind.ts';
import { type Spec, validateSpec } from '../../src/report/spec.ts';
import { specCases } from '../../src/report/spec-cases.ts';
import type { ReportStatus } from '../../src/report/status.ts';
import type { World } from './world.ts';

type Definition = KubeObject & { status?: { conditions?: Condition[] } };
type Report = KubeObject & { spec?: Partial<Spec> & Record<string, unknown>; status?: ReportStatus };

const definitions: Kind<Definition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const reports: Kind<Report> = { group: GROUP, version: VERSION, plural: PLURAL, kind: KIND, namespaced: true };
const crd = mustGatherReportCrd();

/** What an API server makes of Muster's own definition: the same judgements as `validateSpec`, the same defaults. */
export function crdContract(name: string, open: () => Promise<Pick<World, 'kube' | 'close'>>): void {
  describe(`the custom resource on ${name}`, () => {
    let world: Pick<World, 'kube' | 'close'>;
    let kube: Kube;
    let namespace = '';
    let madeDefinition = false;

    function reportOf(spec: Report['spec'], name?: string): Report {
      const metadata = name === undefined ? { generateName: 'case-' } : { name };
      return { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, metadata, ...(spec === undefined ? {} : { spec }) };
    }

    /** What the API server says against it, or `undefined`. Anything but a judgement of the object is thrown. */
    async function refusalOf(asked: Promise<unknown>): Promise<string | undefined> {
      try {
        await asked;
        return undefined;
      } catch (error) {
        if (error instanceof KubeError && error.status === 422) return error.message;
        throw error;
      }
    }

    beforeAll(async () => {
      world = await open();
      kube = world.kube;
      madeDefinition = await isNew();
      await kube.patch(definitions, crd.metadata.name, 'apply', crd);
      const deadline = AbortSignal.timeout(60_000);
      while (!(await isEstablished())) await sleep(200, undefined, { signal: deadline });
      const made = await kube.create(namespaces, { metadata: { generateName: 'muster-crd-test-' } });
      namespace = made.metadata.name ?? '';
    });

    afterAll(async () => {
      if (namespace !== '') await kube.remove(namespaces, namespace);
      if (madeDefinition) await kube.remove(definitions, crd.metadata.name);
      await world.close();
    });

    async function isNew(): Promise<boolean> {
      try {
        await kube.get(definitions, crd.metadata.name);
        return false;
      } catch (error) {
        if (isNotFound(error)) return true;
        throw error;
      }
    }

    async function isEstablished(): Promise<boolean> {
      const { status } = await kube.get(definitions, crd.metadata.name);
      return status?.conditions?.some((item) => item.type === 'Established' && item.status === 'True') ?? false;
    }

    // A field that does not exist is pruned unless the client asks for strict checking, as kubectl does.
    const judgedByServer = specCases.filter(({ refused }) => refused?.field !== 'image');

    it.each(judgedByServer)('judges $name as validateSpec does', async ({ spec, refused }) => {
      const said = await refusalOf(kube.create(reports, reportOf({ ...spec }), { namespace }));
      if (refused === undefined) {
        expect(said).toBeUndefined();
        return;
      }
      expect(said).toContain(`spec.${refused.field}`);
    });

    it('fills in the same defaults', async () => {
      const bare = await kube.create(reports, reportOf(undefined), { namespace });
      const empty = await kube.create(reports, reportOf({}), { namespace });
      expect(bare.spec).toEqual(validateSpec({}).spec);
      expect(empty.spec).toEqual(validateSpec({}).spec);
    });

    it('lets nothing change but deleteAfter and cancel', async () => {
      const name = 'immutable';
      await kube.create(reports, reportOf({ images: ['a'], nodeName: 'n' }, name), { namespace });
      const change = (spec: object) => refusalOf(kube.patch(reports, name, 'merge', { spec }, { namespace }));
      const others: Record<string, unknown> = {
        images: ['b'],
        imageStreams: ['a/b'],
        components: ['c'],
        allImages: true,
        customName: 'x',
        command: 'x',
        nodeName: null,
        hostNetwork: true,
        runNamespace: 'x',
        keepNamespace: true,
        sourceDir: '/x',
        timeout: '11m',
        since: '1h',
        volumePercentage: 71,
        server: 'https://a',
      };
      for (const [field, value] of Object.entries(others)) {
        expect(await change({ [field]: value }), field).toContain(`${field} cannot be changed`);
      }
      expect(await change({ nodeName: null, nodeSelector: 'a' })).toContain('nodeSelector cannot be changed');
      expect(await change({ deleteAfter: '1h' })).toBeUndefined();
      expect(await change({ deleteAfter: null })).toBeUndefined();
      expect(await change({ deleteAfter: '1d' })).toContain('spec.deleteAfter');
      expect(await change({ cancel: true, deleteAfter: 'never' })).toBeUndefined();
      expect(await change({ cancel: false })).toContain('a cancelled report stays cancelled');
      expect(await change({ cancel: null })).toContain('a cancelled report stays cancelled');
    });
  });
}
