import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MusterError } from './errors.ts';
import { formatImageReference, type ImageReference, parseImageReference } from './image-reference.ts';

const SHA256 = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('parseImageReference', () => {
  it.each<readonly [string, ImageReference]>([
    ['busybox', { path: 'busybox' }],
    ['openshift/must-gather:latest', { path: 'openshift/must-gather', tag: 'latest' }],
    ['quay.io/a/b', { domain: 'quay.io', path: 'a/b' }],
    ['localhost/a', { domain: 'localhost', path: 'a' }],
    ['registry:5000/a__b/c-d.e_f:v1.2_3-4', { domain: 'registry', port: 5000, path: 'a__b/c-d.e_f', tag: 'v1.2_3-4' }],
    ['Registry/a', { domain: 'Registry', path: 'a' }],
    ['[2001:db8::1]:5000/a', { domain: '[2001:db8::1]', port: 5000, path: 'a' }],
    ['[::1]/a', { domain: '[::1]', path: 'a' }],
    [`quay.io/a:t@${SHA256}`, { domain: 'quay.io', path: 'a', tag: 't', digest: SHA256 }],
    [`a@sha512:${'a'.repeat(128)}`, { path: 'a', digest: `sha512:${'a'.repeat(128)}` }],
    ['a'.repeat(255), { path: 'a'.repeat(255) }],
  ])('takes %s apart', (text, parts) => {
    expect(parseImageReference(text)).toEqual(parts);
    expect(formatImageReference(parts)).toBe(text);
  });

  it.each([
    ['', 'empty'],
    ['quay.io/Foo/bar', 'lower-case'],
    ['Foo', 'lower-case'],
    ['https://quay.io/a', 'scheme'],
    ['a b', 'spaces'],
    ['a:', 'tag'],
    [`a:${'t'.repeat(129)}`, 'tag'],
    ['a:-x', 'tag'],
    [`a@sha256:${'A'.repeat(64)}`, 'digest'],
    [`a@sha256:${'a'.repeat(63)}`, 'digest'],
    [`a@md5:${'a'.repeat(32)}`, 'digest'],
    ['a@', 'digest'],
    [`a@${SHA256}@${SHA256}`, 'image reference'],
    ['a//b', 'image reference'],
    ['/a', 'image reference'],
    ['a/', 'image reference'],
    ['-a', 'image reference'],
    ['a___b', 'image reference'],
    ['a.-b', 'image reference'],
    ['quay.io:x/a', 'image reference'],
    ['quay.io:99999/a', 'no port 99999'],
    ['a\n', 'spaces'],
    ['a:b:c', 'image reference'],
    ['a'.repeat(256), 'longer than 255'],
    ['a/'.repeat(500), 'longer than 800'],
    ['--privileged', 'image reference'],
    ['$(id)', 'image reference'],
  ])('refuses %j and says why', (text, why) => {
    expect(() => parseImageReference(text, '--image')).toThrow(why);
    expect(() => parseImageReference(text, '--image')).toThrow(/^--image: /);
  });

  it('reads back what it prints, for references built from their grammar', () => {
    const of = (pattern: RegExp) => fc.stringMatching(pattern);
    const reference = fc.record({
      registry: fc.option(
        fc.record({
          domain: of(/^[a-z0-9]{1,8}([.-][a-z0-9]{1,8}){0,2}\.[a-z]{2,5}$/),
          port: fc.option(fc.integer({ min: 1, max: 65_535 })),
        }),
      ),
      path: of(/^[a-z0-9]{1,5}(([._]|__|-{1,3})[a-z0-9]{1,5}){0,2}(\/[a-z0-9]{1,5}){0,3}$/),
      tag: fc.option(of(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/)),
      digest: fc.option(of(/^sha256:[a-f0-9]{64}$/)),
    });
    fc.assert(
      fc.property(reference, ({ registry, path, tag, digest }) => {
        // Without a registry, a first component with a dot would be taken for one.
        fc.pre(registry !== null || !/^[^/]*[.][^/]*\//.test(path));
        const parts: ImageReference = {
          ...(registry === null ? {} : { domain: registry.domain }),
          ...(registry === null || registry.port === null ? {} : { port: registry.port }),
          path,
          ...(tag === null ? {} : { tag }),
          ...(digest === null ? {} : { digest }),
        };
        expect(parseImageReference(formatImageReference(parts))).toEqual(parts);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('throws nothing but MusterError, soon, and prints what it read', () => {
    const near = fc.string({ unit: fc.constantFrom(...'aA0.-_/:@[]sha256 '), maxLength: 900 });
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        try {
          expect(formatImageReference(parseImageReference(text))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MusterError);
        }
      }),
      { numRuns: 5000, seed: 2 },
    );
    // A pattern that went back and forth over these would take minutes.
    for (const hostile of [`${'a-'.repeat(399)}`, `${'a.'.repeat(399)}!`, `${'a'.repeat(799)}!`]) {
      expect(() => parseImageReference(hostile)).toThrow(MusterError);
    }
  });
});
