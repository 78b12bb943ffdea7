import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPartBuffer } from './part-buffer.ts';

test('what is added comes out, part by part, in memory that is used again', () => {
  const mostBytes = 600_000;
  const piece = fc.record({ sizeBytes: fc.nat(400_000), fill: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const buffer = createPartBuffer();
      const whole = Buffer.concat(pieces.map(({ sizeBytes, fill }) => Buffer.alloc(sizeBytes, fill)));
      const parts: Buffer[] = [];
      const take = () => {
        const part = buffer.take();
        parts.push(Buffer.from(part));
        buffer.giveBack(part);
      };
      for (const { sizeBytes, fill } of pieces) {
        const bytes = Buffer.alloc(sizeBytes, fill);
        for (let at = 0; at < bytes.length; ) {
          if (buffer.sizeBytes() === mostBytes) take();
          at += buffer.add(bytes.subarray(at), mostBytes);
        }
      }
      take();
      expect(Buffer.concat(parts).equals(whole)).toBe(true);
      for (const part of parts.slice(0, -1)) expect(part.length).toBe(mostBytes);
    }),
    { numRuns: 50 },
  );
});
