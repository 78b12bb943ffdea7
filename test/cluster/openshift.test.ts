import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { archiveIn, muster, scratch, untar } from '../contract/command.ts';
import { image, loadImages } from './muster.ts';
import { beKubernetesAgain, pretendOpenShift, setClusterVersion, withoutServiceVersions } from './openshift.ts';

let folder = '';
let removeFolder: () => Promise<void>;

beforeAll(async () => {
  loadImages(['good', 'lonetar', 'eventlist']);
  await pretendOpenShift();
});
// Also after a failure: nobody else expects an OpenShift here.
afterAll(beKubernetesAgain);
beforeEach(async () => {
  const made = await scratch();
  folder = made.folder;
  removeFolder = made.remove;
});
afterEach(() => removeFolder());

type Result = {
  phase: string;
  gathers: { name: string; image: string; phase: string }[];
  archive: { file: string };
};

/** Gathers, and reads what it said of itself. */
async function gathered(...flags: string[]): Promise<{ result: Result; stderr: string }> {
  const { exitCode, stdout, stderr } = await muster(['gather', '--output', 'json', ...flags], folder);
  expect(exitCode, stdout + stderr).toBe(0);
  return { result: JSON.parse(stdout) as Result, stderr };
}

describe('what an OpenShift cluster says of itself', () => {
  const troubled = [
    'ClusterID: 11111111-2222-3333-4444-a1b2c3d4e5f6',
    'ClusterOperators:',
    '\tclusteroperator/storage is degraded because two disks are gone',
    '\tclusteroperator/dns is missing',
    '\tclusteroperator/network is missing',
  ];

  test('its own gather image runs, the archive has its id, and the summary is told before and after', async () => {
    const { exitCode, stdout } = await muster(['gather'], folder);
    expect(exitCode, stdout).toBe(0);
    const archive = await archiveIn(folder);
    expect(archive).toMatch(/must-gather\.local\.a1b2c3d4e5f6\.\d{8}T\d{6}Z\.[a-z0-9]+\.tar\.gz$/);
    const top = await untar(archive, folder);
    const log = readFileSync(join(top, 'must-gather.logs'), 'utf8');
    expect(log).toContain(`Using gather images: ${image('good')}\n`);
    for (const text of [stdout, log]) {
      const [before = '', after = ''] = text.split('Reprinting Cluster State:');
      for (const half of [before, after]) {
        for (const line of [...troubled, 'ClusterVersion: Stable at "4.22.1"']) expect(half).toContain(`${line}\n`);
        expect(half).not.toContain('clusteroperator/etcd');
      }
    }
    const folders = (await readdir(top)).filter((name) => existsSync(join(top, name, 'gather.logs')));
    expect(folders).toHaveLength(1);
  });

  test('an update on its way', async () => {
    setClusterVersion('Partial');
    try {
      const { exitCode, stdout } = await muster(['gather'], folder);
      expect(exitCode, stdout).toBe(0);
      expect(stdout).toMatch(
        /^ClusterVersion: Updating to "4\.22\.1" from "4\.21\.9" for \d+[dhms]: Working towards 4\.22\.1: 30% complete$/m,
      );
    } finally {
      setClusterVersion('Completed');
    }
  });
});

describe('--image-stream', () => {
  test('a tag that is imported', async () => {
    const { result } = await gathered('--image-stream', 'openshift/must-gather:other');
    expect(result.gathers).toMatchObject([{ image: image('lonetar'), phase: 'Done' }]);
  });

  test.each<[string, string, RegExp]>([
    ['a stream that is not there', 'openshift/none:latest', /--image-stream.*openshift\/none does not exist/],
    ['a tag that is not there', 'openshift/must-gather:v9', /--image-stream.*"v9"/],
    ['a tag whose import is pending', 'openshift/must-gather:pending', /--image-stream.*"pending"/],
    ['a namespace that is not there', 'nowhere/must-gather', /--image-stream.*nowhere\/must-gather does not exist/],
  ])('%s is refused by name', async (_, stream, expected) => {
    const { exitCode, stdout, stderr } = await muster(['gather', '--image-stream', stream], folder);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(expected);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('--all-images', () => {
  test('every image once, the default first, and who names none is told', async () => {
    const { result, stderr } = await gathered('--all-images');
    expect(result.gathers.map((gather) => gather.image)).toEqual([image('good'), image('eventlist'), image('lonetar')]);
    expect(result.gathers.every(({ phase }) => phase === 'Done')).toBe(true);
    const top = await untar(result.archive.file, folder);
    for (const text of [stderr, readFileSync(join(top, 'must-gather.logs'), 'utf8')]) {
      expect(text).toMatch(/no gather image named by: .*ClusterOperator etcd.*ClusterServiceVersion plain-operator/);
      expect(text).not.toMatch(/named by:.*virt-operator/);
    }
    const folders = (await readdir(top)).filter((name) => existsSync(join(top, name, 'gather.logs')));
    expect(folders).toHaveLength(3);
  });

  // Last in this file: the kind does not come back.
  test('where the list of ClusterServiceVersions fails: a warning, and the rest runs', async () => {
    await withoutServiceVersions();
    const { result, stderr } = await gathered('--all-images');
    expect(result.gathers.map((gather) => gather.image)).toEqual([image('good'), image('lonetar')]);
    expect(stderr).toMatch(/warning: could not list clusterserviceversions/);
  });
});
