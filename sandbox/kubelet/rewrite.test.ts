import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rewriter } from './rewrite.ts';

const places = [
  { path: '/must-gather', real: '/real/volume' },
  { path: '/must-gather/inner', real: '/real/inner' },
  { path: '/dev/termination-log', real: '/real/message' },
];
const rewrite = rewriter(places);

describe('paths in arguments, variables and scripts', () => {
  it.each([
    ['/must-gather', '/real/volume'],
    ['/must-gather/', '/real/volume/'],
    ['/must-gather/a.txt', '/real/volume/a.txt'],
    ['/must-gather/inner/x', '/real/inner/x'],
    ['--dest-dir=/must-gather', '--dest-dir=/real/volume'],
    ['printf \'%s\' "$1" >/dev/termination-log', 'printf \'%s\' "$1" >/real/message'],
    ['cat /must-gather; cd /must-gather && ls', 'cat /real/volume; cd /real/volume && ls'],
    ['A:/must-gather:B', 'A:/real/volume:B'],
    ['to "/must-gather".', 'to "/real/volume".'],
  ])('%s', (text, expected) => expect(rewrite(text)).toBe(expected));

  it.each([
    '/must-gather-old',
    '/must-gatherer',
    'x/must-gather',
    '$HOME/must-gather',
    `${'$'}{X}/must-gather`,
    '/must-gather.d',
    './must-gather',
  ])('leaves %s alone', (text) => expect(rewrite(text)).toBe(text));

  it('leaves every text without a place in it as it is', () => {
    const text = fc.string().filter((each) => !places.some(({ path }) => each.includes(path)));
    fc.assert(fc.property(text, (each) => rewrite(each) === each));
  });
});
