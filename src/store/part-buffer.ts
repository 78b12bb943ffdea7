const firstBytes = 256 * 1024;

/** The bytes of the part that is being joined, in memory that grows with them. */
export type PartBuffer = {
  sizeBytes(): number;
  /** Copies as many bytes as `mostBytes` leaves room for, and tells how many. */
  add(bytes: Uint8Array, mostBytes: number): number;
  /** Gives the bytes away and starts anew. */
  take(): Uint8Array;
};

export function createPartBuffer(): PartBuffer {
  let memory: Buffer = Buffer.alloc(0);
  let used = 0;
  return {
    sizeBytes: () => used,
    add: (bytes, mostBytes) => {
      const taken = bytes.subarray(0, Math.max(0, mostBytes - used));
      if (used + taken.length > memory.length) {
        const wanted = Math.max(used + taken.length, Math.min(mostBytes, memory.length * 2), firstBytes);
        const larger = Buffer.allocUnsafeSlow(wanted);
        memory.copy(larger, 0, 0, used);
        memory = larger;
      }
      memory.set(taken, used);
      used += taken.length;
      return taken.length;
    },
    take: () => {
      const taken = memory.subarray(0, used);
      memory = Buffer.alloc(0);
      used = 0;
      return taken;
    },
  };
}
