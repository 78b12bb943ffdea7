import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discover } from '../../src/kube/discovery.ts';
import type { Kind } from '../../src/kube/kinds.ts';
import { type AccessWorld, type Loose, startAccessWorld } from '../../test/sandbox/access-world.ts';
import { rawRequest } from '../../test/sandbox/raw-request.ts';

const definitions: Kind<Loose> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const group = 'shop.example';
const fruits: Kind<Loose> = { group, version: 'v1', plural: 'fruits', kind: 'Fruit', namespaced: true };
const scope = { namespace: 'default' };

const schema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { colour: { type: 'string', enum: ['red', 'green'], default: 'red' } } },
    status: { type: 'object', properties: { eaten: { type: 'integer' } } },
  },
};
const version = (name: string, more: object = {}) => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...more,
});
const definition = (plural: string, kind: string, more: object = {}): Loose => ({
  metadata: { name: `${plural}.${group}` },
  spec: { group, scope: 'Namespaced', names: { plural, kind }, versions: [version('v1')], ...more },
});

describe('a CustomResourceDefinition', () => {
  let world: AccessWorld;
  const conditions = async (name: string) => {
    const { status } = await world.admin.get(definitions, `${name}.${group}`);
    const list = (status as { conditions?: { type: string; status: string; reason: string }[] } | undefined)
      ?.conditions;
    return Object.fromEntries((list ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason}`]));
  };
  const established = { NamesAccepted: 'True NoConflicts', Established: 'True InitialNamesAccepted' };
  const plurals = async () => (await discover(world.admin)).resources.map(({ plural }) => plural);

  beforeAll(async () => {
    world = await startAccessWorld();
    const columns = [
      { name: 'Colour', type: 'string', jsonPath: '.spec.colour' },
      { name: 'Eaten', type: 'integer', jsonPath: '.status.eaten', priority: 1 },
      { name: 'Since', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ];
    const versions = [
      version('v1', { subresources: { status: {} }, additionalPrinterColumns: columns }),
      version('v2', { storage: false }),
      version('v3', { storage: false, served: false }),
    ];
    await world.admin.create(definitions, definition('fruits', 'Fruit', { versions }));
  });
  afterAll(() => world.close());

  it('is served, in all versions that it serves', async () => {
    await expect.poll(() => conditions('fruits')).toEqual(established);
    const { resources } = await discover(world.admin);
    expect(resources.filter(({ plural }) => plural === 'fruits')).toMatchObject([{ version: 'v1' }, { version: 'v2' }]);
    await world.admin.create(fruits, { metadata: { name: 'served' } }, scope);
    const { spec } = await world.admin.get({ ...fruits, version: 'v2' }, 'served', scope);
    expect(spec).toBeUndefined();
    await expect(world.admin.get({ ...fruits, version: 'v3' }, 'served', scope)).rejects.toMatchObject({ status: 404 });
    const openApi = await world.admin.json(`/openapi/v3/apis/${group}/v1`);
    expect(openApi).toMatchObject({ components: { schemas: { 'example.shop.v1.Fruit': schema } } });
  });

  it('shapes its objects: defaults, pruning, a status apart, generations', async () => {
    const given = { metadata: { name: 'shaped' }, spec: { price: 1 }, status: { eaten: 1 } };
    const made = await world.admin.create(fruits, given, scope);
    expect(made).toMatchObject({ metadata: { generation: 1 }, spec: { colour: 'red' } });
    expect(made).not.toHaveProperty('status');
    expect(made.spec).not.toHaveProperty('price');
    const patch = (path: string, body: object) =>
      rawRequest(world.sandbox, {
        method: 'PATCH',
        path: `/apis/${group}/v1/namespaces/default/fruits/shaped${path}`,
        type: 'application/merge-patch+json',
        body: JSON.stringify(body),
      });
    const stated = await patch('/status', { status: { eaten: 2 }, spec: { colour: 'green' } });
    expect(stated.body).toMatchObject({ metadata: { generation: 1 }, spec: { colour: 'red' }, status: { eaten: 2 } });
    const changed = await patch('', { status: { eaten: 3 }, spec: { colour: 'green' } });
    expect(changed.body).toMatchObject({
      metadata: { generation: 2 },
      spec: { colour: 'green' },
      status: { eaten: 2 },
    });
    expect(await patch('', { spec: { colour: 'blue' } })).toMatchObject({
      status: 422,
      body: { details: { causes: [{ reason: 'FieldValueNotSupported', field: 'spec.colour' }, {}] } },
    });
    expect(await patch('?fieldValidation=Strict', { spec: { price: 1 } })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('unknown field "spec.price"') },
    });
    const strategic = { method: 'PATCH', type: 'application/strategic-merge-patch+json', body: '{}' };
    const path = `/apis/${group}/v1/namespaces/default/fruits/shaped`;
    expect(await rawRequest(world.sandbox, { ...strategic, path })).toMatchObject({ status: 415 });
  });

  it('says what kubectl prints', async () => {
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    await world.admin.create(fruits, { metadata: { name: 'printed' }, spec: {} }, scope);
    const path = `/apis/${group}/v1/namespaces/default/fruits/printed`;
    expect(await world.admin.json(path, { headers })).toMatchObject({
      columnDefinitions: [
        { name: 'Name' },
        { name: 'Colour' },
        { name: 'Eaten', type: 'integer', priority: 1 },
        { name: 'Since' },
      ],
      rows: [{ cells: ['printed', 'red', null, expect.stringMatching(/^\ds$/)] }],
    });
  });

  it('takes its objects with it when it goes, and waits for those that are held', async () => {
    const things: Kind<Loose> = { ...fruits, plural: 'things', kind: 'Thing' };
    await world.admin.create(definitions, definition('things', 'Thing'));
    await expect.poll(() => conditions('things')).toEqual(established);
    const plain = await world.admin.create(things, { metadata: { name: 'plain' } }, scope);
    expect(plain.metadata).toMatchObject({ generation: 1 });
    await world.admin.create(things, { metadata: { name: 'held', finalizers: ['muster.test/held'] } }, scope);
    await world.admin.remove(definitions, `things.${group}`);
    const left = async () =>
      (await Array.fromAsync(world.admin.list(things, scope))).map(({ metadata }) => metadata.name);
    await expect.poll(left).toEqual(['held']);
    await expect(world.admin.create(things, { metadata: { name: 'late' } }, scope)).rejects.toMatchObject({
      status: 405,
    });
    await world.admin.patch(things, 'held', 'merge', { metadata: { finalizers: null } }, scope);
    await expect.poll(plurals).not.toContain('things');
    await expect(world.admin.get(definitions, `things.${group}`)).rejects.toMatchObject({ status: 404 });
    await world.admin.create(definitions, definition('things', 'Thing'));
    await expect.poll(left).toEqual([]);
  });

  it('waits for its names', async () => {
    await world.admin.create(definitions, definition('berries', 'Fruit'));
    const taken = { NamesAccepted: 'False NamesConflict', Established: 'False NotAccepted' };
    await expect.poll(() => conditions('berries')).toEqual(taken);
    expect(await plurals()).not.toContain('berries');
  });

  const rule = (text: string) => ({ ...schema, 'x-kubernetes-validations': [{ rule: text }] });
  it.each([
    ['another name than its own', { names: { plural: 'others', kind: 'Bad' } }, 'metadata.name'],
    ['no kind', { names: { plural: 'bads' } }, 'spec.names.kind'],
    ['no scope that there is', { scope: 'World' }, 'spec.scope'],
    ['no version to store', { versions: [] }, 'spec.versions'],
    ['no schema', { versions: [version('v1', { schema: {} })] }, 'spec.versions[0].schema.openAPIV3Schema'],
    [
      'a rule that is no CEL',
      { versions: [version('v1', { schema: { openAPIV3Schema: rule('self +') } })] },
      'x-kubernetes-validations',
    ],
    [
      'a rule with a function that is not there',
      { versions: [version('v1', { schema: { openAPIV3Schema: rule('gone(self)') } })] },
      'x-kubernetes-validations',
    ],
    [
      'a path that is none',
      { versions: [version('v1', { additionalPrinterColumns: [{ jsonPath: '[' }] })] },
      'jsonPath',
    ],
  ])('is refused with %s', async (_name, more, field) => {
    const refused = world.admin.create(definitions, definition('bads', 'Bad', more));
    await expect(refused).rejects.toMatchObject({ status: 422, message: expect.stringContaining(field) });
  });
});
