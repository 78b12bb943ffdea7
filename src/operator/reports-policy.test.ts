import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { clusterRoles, type Loose, startAccessWorld } from '../../test/sandbox/access-world.ts';
import { policies, policyBindings, serveKinds } from '../../test/sandbox/more-kinds.ts';
import { isNotFound } from '../kube/errors.ts';
import { requireReportsPolicy } from './reports-policy.ts';

const NAME = 'reports.muster.dev';
const base = (file: string) =>
  parseAllDocuments(readFileSync(new URL(`../../deploy/base/${file}`, import.meta.url), 'utf8')).map(
    (document) => document.toJS() as Loose,
  );
const [policy, binding] = base('policy-reports.yaml') as [Loose, Loose];

describe('the policy that says who may ask', () => {
  let world: Awaited<ReturnType<typeof startAccessWorld>>;
  const { signal } = new AbortController();
  const ask = () => requireReportsPolicy(world.admin, signal);
  beforeAll(async () => {
    world = await startAccessWorld();
  });
  afterAll(() => world.close());

  it('is not there in a cluster that has no such kind', async () => {
    await expect(ask()).rejects.toMatchObject({ code: 'NotReady' });
    await serveKinds(world.sandbox, world.admin, [policies, policyBindings]);
  });

  describe('where the cluster knows the kind', () => {
    beforeEach(async () => {
      for (const kind of [policies, policyBindings]) {
        await world.admin.remove(kind, NAME).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      }
    });

    it('is not there without the policy, or without its binding: it says which, and what to apply', async () => {
      await expect(ask()).rejects.toThrow(
        /^ValidatingAdmissionPolicy reports\.muster\.dev is not there, .* apply deploy/,
      );
      await world.admin.create(policies, policy);
      await expect(ask()).rejects.toThrow(
        /^ValidatingAdmissionPolicyBinding reports\.muster\.dev is not there, .* apply/,
      );
      await world.admin.create(policyBindings, binding);
      await ask();
      await world.admin.remove(policies, NAME);
      await expect(ask()).rejects.toThrow(/^ValidatingAdmissionPolicy reports/);
    });

    it.each([
      ['warns only', { validationActions: ['Warn', 'Audit'] }, /does not deny/],
      ['is of another policy', { policyName: 'other.example' }, /is of another policy, "other\.example"/],
    ])('is not there while its binding %s', async (_, change, words) => {
      await world.admin.create(policies, policy);
      const spec = { ...(binding.spec as object), ...change };
      await world.admin.create(policyBindings, { ...binding, spec });
      await expect(ask()).rejects.toThrow(words);
      await world.admin.patch(policyBindings, NAME, 'merge', { spec: binding.spec });
      await ask();
    });

    it('is asked for with the rights of deploy/base, and without them the missing one is named', async () => {
      await world.admin.create(policies, policy);
      await world.admin.create(policyBindings, binding);
      const namespace = await world.makeNamespace();
      await world.makeAccount(namespace, 'muster');
      const kube = await world.as(namespace, 'muster');
      await expect(requireReportsPolicy(kube, signal)).rejects.toMatchObject({
        code: 'RightsMissing',
        message: expect.stringMatching(/cannot get resource "validatingadmissionpolicies" in API group "admissionreg/),
      });
      await world.admin.create(clusterRoles, base('cluster-role.yaml')[0] as Loose);
      await world.bind(undefined, 'muster', 'ClusterRole', 'muster', namespace);
      await requireReportsPolicy(kube, signal);
    });
  });
});
