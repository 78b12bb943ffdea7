import { afterEach, describe, expect, test } from 'vitest';
import type { ImageStream } from '../kube/kinds.ts';
import type { TestServer } from '../kube/test-server.ts';
import { type ImageRequest, pullSpec, resolveImages } from './images.ts';
import { GATHER_IMAGE_ANNOTATION } from './own-components.ts';
import { listOf, startApi } from './test-api.ts';

type Tags = NonNullable<NonNullable<ImageStream['status']>['tags']>;

const USUAL = 'GET /apis/image.openshift.io/v1/namespaces/openshift/imagestreams/must-gather';
const CSVS = 'GET /apis/operators.coreos.com/v1alpha1/clusterserviceversions';
const OPERATORS = 'GET /apis/config.openshift.io/v1/clusteroperators';
const never = new AbortController().signal;
let api: TestServer | undefined;
afterEach(() => api?.close());

async function resolve(objects: Record<string, unknown>, asked: Partial<ImageRequest>, signal = never) {
  api = await startApi(objects);
  return await resolveImages(
    api.kube(),
    { images: [], imageStreams: [], components: [], allImages: false, ...asked },
    signal,
  );
}

function stream(tags: Tags, specTags: { name: string; from?: { kind: string; name: string } }[] = []): ImageStream {
  return { metadata: { name: 'must-gather' }, spec: { tags: specTags }, status: { tags } };
}

function operator(name: string, image?: string) {
  return { metadata: { name, annotations: image === undefined ? {} : { [GATHER_IMAGE_ANNOTATION]: image } } };
}

describe('where a tag is pulled from', () => {
  test.each<[string, ImageStream, string | undefined]>([
    [
      'the newest import comes first in the list',
      stream([{ tag: 'latest', items: [{ dockerImageReference: 'q/new' }, { dockerImageReference: 'q/old' }] }]),
      'q/new',
    ],
    ['another tag does not count', stream([{ tag: 'v1', items: [{ dockerImageReference: 'q/v1' }] }]), undefined],
    ['a tag whose import is pending has no items', stream([{ tag: 'latest', items: null }]), undefined],
    ['a tag whose list of items is empty', stream([{ tag: 'latest', items: [] }]), undefined],
    [
      'before the first import, what it will be imported from',
      stream([], [{ name: 'latest', from: { kind: 'DockerImage', name: 'q/spec:1' } }]),
      'q/spec:1',
    ],
    [
      'a pending newer import leaves the imported one',
      stream(
        [{ tag: 'latest', items: [{ dockerImageReference: 'q/imported' }] }],
        [{ name: 'latest', from: { kind: 'DockerImage', name: 'q/pending' } }],
      ),
      'q/imported',
    ],
    [
      'a tag that follows another is no pull spec',
      stream([], [{ name: 'latest', from: { kind: 'ImageStreamTag', name: 'must-gather:v1' } }]),
      undefined,
    ],
    ['a stream without anything', { metadata: { name: 'x' } }, undefined],
  ])('%s', (_, given, expected) => {
    expect(pullSpec(given, 'latest')).toBe(expected);
  });
});

describe('images that a person names', () => {
  test('in their order, each once, and the cluster is not asked', async () => {
    const found = await resolve({}, { images: ['q/b', 'q/a', 'q/b'] });
    expect(found).toEqual({ images: ['q/b', 'q/a'], builtIn: false, warnings: [] });
    expect(api?.requests).toEqual([]);
  });

  test('streams come after images, and one that names the same image adds nothing', async () => {
    const path = (name: string) => `GET /apis/image.openshift.io/v1/namespaces/shop/imagestreams/${name}`;
    const found = await resolve(
      {
        [path('one')]: stream([{ tag: 'v1', items: [{ dockerImageReference: 'q/one' }] }]),
        [path('two')]: stream([{ tag: 'latest', items: [{ dockerImageReference: 'q/a' }] }]),
      },
      { images: ['q/a'], imageStreams: ['shop/one:v1', 'shop/two'] },
    );
    expect(found.images).toEqual(['q/a', 'q/one']);
  });

  test('an unknown stream and an unknown tag are refused by name, with the field', async () => {
    const path = 'GET /apis/image.openshift.io/v1/namespaces/shop/imagestreams/one';
    const objects = { [path]: stream([{ tag: 'v1', items: [{ dockerImageReference: 'q/one' }] }]) };
    await expect(resolve(objects, { imageStreams: ['shop/none:v1'] })).rejects.toMatchObject({
      code: 'NotFound',
      field: 'imageStreams',
      message: expect.stringContaining('shop/none'),
    });
    await api?.close();
    await expect(resolve(objects, { imageStreams: ['shop/one:v2'] })).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('"v2"'),
    });
  });

  test('a refusal is not taken for a stream that does not exist', async () => {
    const path = 'GET /apis/image.openshift.io/v1/namespaces/shop/imagestreams/one';
    await expect(resolve({ [path]: 403 }, { imageStreams: ['shop/one'] })).rejects.toMatchObject({ status: 403 });
  });
});

describe('when nothing is named', () => {
  const usual = stream([{ tag: 'latest', items: [{ dockerImageReference: 'q/usual' }] }]);

  test("OpenShift's own gather image", async () => {
    expect(await resolve({ [USUAL]: usual }, {})).toEqual({ images: ['q/usual'], builtIn: false, warnings: [] });
  });

  test('plain Kubernetes: the built-in inspection, without a warning', async () => {
    expect(await resolve({}, {})).toEqual({ images: [], builtIn: true, warnings: [] });
  });

  test('a stream that may not be read is a warning', async () => {
    const { builtIn, warnings } = await resolve({ [USUAL]: 403 }, {});
    expect(builtIn).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('openshift/must-gather')]);
  });

  test('an interrupt is no warning', async () => {
    const interrupt = AbortSignal.abort(new Error('interrupted'));
    await expect(resolve({ [USUAL]: usual }, {}, interrupt)).rejects.toThrow();
  });

  test('--all-images: default first, then what operators name, sorted, each once; the others are told', async () => {
    const found = await resolve(
      {
        [USUAL]: usual,
        [CSVS]: listOf(operator('virt', 'q/virt'), operator('plain'), operator('plain'), operator('own', 'q/usual')),
        [OPERATORS]: listOf(operator('storage', 'q/storage'), operator('dns', ''), operator('virt-too', 'q/virt')),
      },
      { allImages: true },
    );
    expect(found.images).toEqual(['q/usual', 'q/storage', 'q/virt']);
    expect(found.warnings).toEqual(['no gather image named by: ClusterOperator dns, ClusterServiceVersion plain']);
  });

  test('--all-images where a list cannot be read: a warning with the reason, and the rest runs', async () => {
    const found = await resolve(
      { [USUAL]: usual, [OPERATORS]: listOf(operator('storage', 'q/storage')) },
      { allImages: true },
    );
    expect(found.images).toEqual(['q/usual', 'q/storage']);
    expect(found.warnings).toEqual([expect.stringMatching(/could not list clusterserviceversions.*could not find/)]);
  });
});
