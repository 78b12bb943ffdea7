import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realTimers } from '../kube/timers.ts';
import { openDirectoryStore } from '../store/directory-store.ts';
import type { Store } from '../store/store.ts';
import { createIngestRegistry } from './ingest.ts';
import { startPacking } from './packing.ts';

const identity = { namespace: 'muster-abc', name: 'must-gather-x1', uid: 'u-1' };

describe('a packer, as the server sees it', () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'packing-'));
    store = await openDirectoryStore(folder, { sweepBeforeMs: 0 });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const met = async () => {
    let nowMs = Date.now();
    const registry = createIngestRegistry();
    const pod = { metadata: identity, spec: { containers: [] }, status: {} };
    const packing = await startPacking({
      registry,
      store,
      reportUid: 'r-1',
      request: {
        namespace: 'muster-abc',
        gatherName: 'gather-1',
        sourceDir: '/must-gather',
        volumePercentage: 70,
      } as never,
      pod,
      podNow: () => pod,
      stopReason: () => undefined,
      say: () => undefined,
      timers: { ...realTimers, now: () => nowMs },
    });
    const gather = registry.running(identity);
    if (gather === undefined) throw new Error('nobody meets the packer');
    const pass = (ms: number) => {
      nowMs += ms;
    };
    return { packing, gather, pass };
  };

  it('is given up after a minute of silence, and not while it brings something', async () => {
    const { packing, gather, pass } = await met();
    packing.setFolder('must-gather.local.1/image');
    // A part of 10 GB takes minutes to bring, in which nothing else is said (measured: a chunk each 0.7 s).
    for (let minute = 0; minute < 10; minute += 1) {
      pass(59_000);
      expect(packing.whyDead()).toBeUndefined();
      gather.seen();
    }
    pass(61_000);
    expect(packing.whyDead()).toBe('nothing was heard of it for 61 s');
    packing.close();
  });
});
