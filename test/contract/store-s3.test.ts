import { openStore } from '../../src/store/open-store.ts';
import { startS3Server } from './s3-server.ts';
import { storeContract } from './store-contract.ts';

const module = new URL('../../src/store/open-store.ts', import.meta.url).href;

storeContract('a bucket of S3', async () => {
  const server = await startS3Server();
  const location = `s3://${server.bucket}/some/where`;
  const options = (sweepBeforeMs: number) => ({ env: server.env, sweepBeforeMs, nowMs: Date.now, say: fail });
  return {
    open: (sweepBeforeMs = 0) => openStore(location, options(sweepBeforeMs)),
    opening: `(await import(${JSON.stringify(module)})).openStore(${JSON.stringify(location)}, {
      env: ${JSON.stringify(server.env)}, sweepBeforeMs: 0, nowMs: Date.now, say: console.error })`,
    leftovers: async () => server.uploads(),
    largeBytes: 9 * 1024 * 1024,
    end: server.end,
  };
});

function fail(line: string): never {
  throw new Error(line);
}
