import { Writable } from 'node:stream';
import { execInPod } from './exec.ts';
import { plainKube } from './test-server.ts';

// A process of its own, so that its memory is only that of the receiving end: takes 20 MB/s and reports its peak.
const bytesPerMs = 20_000;
const startedAtMs = Date.now();
let bytes = 0;
const stdout = new Writable({
  write(chunk: Buffer, _encoding, done) {
    bytes += chunk.length;
    const aheadMs = bytes / bytesPerMs - (Date.now() - startedAtMs);
    if (aheadMs > 1) setTimeout(done, aheadMs);
    else done();
  },
});
const kube = plainKube(process.argv[2] ?? '');
await execInPod(kube, { namespace: 'n', pod: 'p', container: 'c', command: ['x'], stdout });
await kube.close();
process.send?.({ bytes, peakRssMb: process.resourceUsage().maxRSS / 1024 }, () => process.disconnect());
