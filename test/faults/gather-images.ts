import { join } from 'node:path';
import { type Image, imageOf } from '../../sandbox/kubelet/images.ts';
import { root } from '../contract/command.ts';

/** A gather image of test/images; reports bring a command of their own. */
export const GATHER_IMAGE = 'test.invalid/good:1';

export const gatherImage = (): Promise<Image> =>
  imageOf({ names: [GATHER_IMAGE], env: { OUT: '/must-gather' } }, join(root, 'test', 'images', 'good'));

/** Writes something at once, says something, and after so many seconds writes some more. */
export const gatherFor = (seconds: number, moreBytes = 100_000) =>
  [
    'mkdir /must-gather/a; echo one >/must-gather/version; echo two >/must-gather/a/b; echo said',
    `sleep ${seconds}; head -c ${moreBytes} /dev/urandom >/must-gather/more; echo last >/must-gather/last`,
  ].join('; ');
