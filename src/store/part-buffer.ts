const firstBytes = 256 * 1024;

/** The bytes of the part that is being joined, in memory that grows with them. */
export type PartBuffer = {
  sizeBytes(): number;
  /** Copies as many bytes as `mostBytes` leaves room for, and tells how many. */
  add(bytes: Uint8Array, mostBytes: number): number;
  /** Gives the bytes away and starts anew. */
  take(): Buffer;
  /** Takes memory back that `take` gave away: garbage of this size V8 lets lie for long. */
  giveBack(taken: Buffer): void;
};

export function createPartBuffer(): PartBuffer {
  const spare: Buffer[] = [];
  let memory: Buffer = Buffer.alloc(0);
  let used = 0;

  function makeRoom(neededBytes: number, mostBytes: number): void {
    if (neededBytes <= memory.length) return;
    const reused = spare.pop();
    const wanted = Math.max(neededBytes, Math.min(mostBytes, memory.length * 2), firstBytes);
    const larger = reused && reused.length >= neededBytes ? reused : Buffer.allocUnsafeSlow(wanted);
    memory.copy(larger, 0, 0, used);
    memory = larger;
  }

  return {
    sizeBytes: () => used,
    add: (bytes, mostBytes) => {
      const taken = bytes.subarray(0, Math.max(0, mostBytes - used));
      makeRoom(used + taken.length, mostBytes);
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
    giveBack: (taken) => void spare.push(Buffer.from(taken.buffer)),
  };
}
