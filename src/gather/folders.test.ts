import { expect, test } from 'vitest';
import { folderNames } from './folders.ts';

const IMAGE = 'quay.io/openshift/must-gather@sha256:0a1b';

test('the image ID, dashed, below the top folder', () => {
  expect(folderNames('top', false)(IMAGE, 'n1')).toBe('top/quay-io-openshift-must-gather-sha256-0a1b');
});

test('below the node, where a selector chose nodes', () => {
  const folder = folderNames('top', true);
  expect(folder(IMAGE, 'ip-10-0-1-2.ec2')).toBe('top/ip-10-0-1-2-ec2/quay-io-openshift-must-gather-sha256-0a1b');
  expect(folder(IMAGE, '')).toBe('top/quay-io-openshift-must-gather-sha256-0a1b');
});

test('never the same twice, not even where the number is taken', () => {
  const folder = folderNames('top', false);
  const images = ['q/a', 'q/a-2', 'q/a', 'q/a', 'q:a', 'q/a'];
  const folders = images.map((image) => folder(image, ''));
  expect(folders).toEqual(['top/q-a', 'top/q-a-2', 'top/q-a-3', 'top/q-a-4', 'top/q-a-5', 'top/q-a-6']);
});

test('two nodes whose names look the same when dashed', () => {
  const folder = folderNames('top', true);
  expect(folder('q/a', 'n.1')).toBe('top/n-1/q-a');
  expect(folder('q/a', 'n-1')).toBe('top/n-1/q-a-2');
});

test('an image ID that climbs', () => {
  expect(folderNames('top', false)('../../etc/passwd', '')).toBe('top/-etc-passwd');
});
