import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MusterError } from './errors.ts';
import {
  archiveTopName,
  folderOfImageId,
  parseCustomName,
  parseDnsLabel,
  parseDnsSubdomain,
  parseImageStreamTag,
  parseNodeName,
  parsePercentage,
} from './names.ts';

/** DNS-1123 read letter by letter: an oracle that shares no pattern with the parser. */
function isLabel(text: string): boolean {
  const inside = (letter: string) => (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
  const letters = [...text];
  const ends = [letters.at(0), letters.at(-1)].every((letter) => letter !== undefined && inside(letter));
  return ends && letters.every((letter) => inside(letter) || letter === '-');
}

function isTaken(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(MusterError);
    return false;
  }
}

const near = fc.string({
  unit: fc.constantFrom('a', 'z', '0', '-', '.', 'A', '/', '%', ':', '\n', '_'),
  maxLength: 70,
});

describe('names of Kubernetes', () => {
  it('are taken and refused as DNS-1123 says', () => {
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        expect(isTaken(() => parseDnsLabel(text))).toBe(isLabel(text) && text.length <= 63);
        expect(isTaken(() => parseDnsSubdomain(text))).toBe(text.split('.').every(isLabel) && text.length <= 253);
        expect(isTaken(() => parseNodeName(text))).toBe(text.split('.').every(isLabel) && text.length <= 253);
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it('have their lengths', () => {
    expect(parseDnsLabel('a'.repeat(63))).toHaveLength(63);
    expect(() => parseDnsLabel('a'.repeat(64))).toThrow(MusterError);
    expect(parseDnsSubdomain('a'.repeat(253))).toHaveLength(253);
    expect(() => parseDnsSubdomain('a'.repeat(254))).toThrow(MusterError);
  });

  it('tell what a node must not contain', () => {
    expect(() => parseNodeName('a/b', '--node-name')).toThrow('--node-name: "a/b": a node\'s name must not contain /');
    expect(() => parseNodeName('a%b')).toThrow('must not contain %');
  });
});

describe('parseImageStreamTag', () => {
  it('takes it apart, and puts it together', () => {
    expect(parseImageStreamTag('openshift/must-gather')).toEqual({
      namespace: 'openshift',
      name: 'must-gather',
      tag: 'latest',
    });
    const parts = fc.record({
      namespace: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
      name: fc.stringMatching(/^[a-z0-9]{1,9}([._-][a-z0-9]{1,9}){0,2}$/),
      tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/),
    });
    fc.assert(
      fc.property(parts, (given) => {
        expect(parseImageStreamTag(`${given.namespace}/${given.name}:${given.tag}`)).toEqual(given);
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it.each(['', 'a', 'a/', '/a', 'a/b/c', 'a/b:', 'a/b:c:d', 'A/b', 'a/B', 'a b/c', `${'a'.repeat(64)}/b`, 'a/b@c'])(
    'refuses %j',
    (text) => {
      expect(() => parseImageStreamTag(text, '--image-stream')).toThrow('expected namespace/name:tag');
    },
  );
});

describe('parseCustomName', () => {
  it.each(['plan:plan1:5f6e', 'a b', '\u{1f600}'.repeat(253), '15', '\u05d0\u200f'])('takes %j', (text) => {
    expect(parseCustomName(text)).toBe(text);
  });

  it.each(['', 'a/b', 'a\nb', '\0', '\u007f', 'x'.repeat(254), '\ud800'])('refuses %j', (text) => {
    expect(() => parseCustomName(text)).toThrow(MusterError);
  });
});

describe('parsePercentage', () => {
  it('takes 1 to 100, as number or text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -300, max: 300 }), fc.double()), (value) => {
        const isGood = Number.isInteger(value) && value >= 1 && value <= 100;
        expect(isTaken(() => parsePercentage(value))).toBe(isGood);
        if (isGood) expect(parsePercentage(String(value))).toBe(value);
      }),
      { numRuns: 1000, seed: 1 },
    );
    for (const text of ['', '0', '101', '256', '7O', '70%', '1e2', '0x10', ' 70', '-1', '70.0']) {
      expect(() => parsePercentage(text, '--volume-percentage')).toThrow(/^--volume-percentage: .* from 1 to 100$/);
    }
  });
});

describe('names in the archive', () => {
  it('folds every run of other characters of an image ID into one dash', () => {
    expect(folderOfImageId('quay.io/a/b_c@sha256:0aF')).toBe('quay-io-a-b-c-sha256-0aF');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(folderOfImageId(text)).toMatch(/^[a-zA-Z0-9-]*$/);
        expect(folderOfImageId(text)).not.toContain('--');
      }),
    );
  });

  it('names an archive after cluster, time and chance', () => {
    const at = new Date('2026-11-21T10:30:00.999Z');
    const random = 'x7k2p';
    const full = 'must-gather.local.a1b2c3d4e5f6.20261121T103000Z.x7k2p';
    expect(archiveTopName({ clusterId12: 'a1b2c3d4e5f6', at, random })).toBe(full);
    expect(archiveTopName({ at, random })).toBe('must-gather.local.20261121T103000Z.x7k2p');
    expect(archiveTopName({ clusterId12: '', at, random })).toBe('must-gather.local.20261121T103000Z.x7k2p');
  });
});
