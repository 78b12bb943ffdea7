import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { issueCertificates } from '../../sandbox/certificates.ts';
import { contentDigest } from '../../src/gather/content-digest.ts';
import {
  createIngestRegistry,
  type PackEnd,
  type PackProgress,
  type PodIdentity,
  partKeys,
  type RunningGather,
} from '../../src/gather/ingest.ts';
import { MusterError } from '../../src/report/errors.ts';
import type { IngestAccess } from '../../src/server/ingest-access.ts';
import { createIngestServer } from '../../src/server/ingest-routes.ts';
import { openDirectoryStore } from '../../src/store/directory-store.ts';
import type { Store } from '../../src/store/store.ts';

/** For tests: an ingest service on loopback with TLS over a store in a directory, and one gather whose packer may come. */
export type IngestWorld = Awaited<ReturnType<typeof startIngestWorld>>;

export const packerPod: PodIdentity = { namespace: 'muster-abc', name: 'must-gather-x1', uid: 'u-1' };
const foreignPod: PodIdentity = { namespace: 'shop', name: 'web', uid: 'u-2' };
export const packerToken = 'packer.token.one';
export const foreignToken = 'foreign.token.two';

export async function startIngestWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'muster-ingest-'));
  const { caPem, server: pair } = await issueCertificates();
  const tls = { key: pair.keyPem, cert: pair.certificatePem };
  const pods = new Map([
    [packerToken, packerPod],
    [foreignToken, foreignPod],
  ]);
  const access: IngestAccess = {
    async identify({ authorization = '' }) {
      const pod = pods.get(String(authorization).replace('Bearer ', ''));
      if (pod === undefined) throw new MusterError('CredentialsRejected', 'The token is not valid here, or no longer.');
      return pod;
    },
  };
  const said = {
    prefix: 'must-gather.local.1/quay-io-image' as string | undefined,
    ended: false,
    stop: undefined as string | undefined,
    seen: 0,
    progress: [] as PackProgress[],
    ends: [] as PackEnd[],
    failures: [] as unknown[],
    refusals: [] as unknown[],
  };
  const gather: RunningGather = {
    reportUid: 'r-1',
    gatherName: 'gather-1',
    prefix: () => said.prefix,
    sourceDir: '/must-gather',
    volumePercentage: 70,
    isEnded: () => said.ended,
    stopReason: () => said.stop,
    seen: () => {
      said.seen += 1;
    },
    heard: (progress) => said.progress.push(progress),
    ended: (end) => said.ends.push(end),
    refused: (error) => said.refusals.push(error),
  };
  const registry = createIngestRegistry();
  const takeOff = registry.add(packerPod, gather);
  let store: Store = await openDirectoryStore(join(folder, 'store'), { sweepBeforeMs: 0 });
  const made = () =>
    createIngestServer({ access, ingest: registry, store, onFailure: (error) => said.failures.push(error), tls });
  let app = made();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const stop = async () => {
    app.server.closeAllConnections();
    await app.close();
  };

  return {
    folder,
    caPem,
    port,
    url: `https://127.0.0.1:${port}`,
    said,
    gather,
    /** As if the pod were none of a running gather, or another replica led. */
    takeOff,
    store: () => store,
    app: () => app,
    /** Cuts everything, and forgets everything but the store; `whileDown` runs before the new server is up. */
    async restart(whileDown: () => Promise<void> = async () => undefined): Promise<void> {
      await stop();
      await whileDown();
      store = await openDirectoryStore(join(folder, 'store'), { sweepBeforeMs: Date.now() });
      registry.add(packerPod, { ...gather });
      app = made();
      await app.listen({ host: '127.0.0.1', port });
    },
    /** A request as a packer makes it. */
    ask(method: 'POST' | 'PUT', path: string, body?: object | Buffer, headers: Record<string, string> = {}) {
      const isBytes = body instanceof Buffer;
      const sha256 = createHash('sha256')
        .update(isBytes ? body : '')
        .digest('hex');
      return app.inject({
        method,
        url: `/ingest/${path}`,
        headers: {
          authorization: `Bearer ${packerToken}`,
          ...(isBytes ? { 'content-type': 'application/octet-stream', 'content-digest': contentDigest(sha256) } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: body }),
      });
    },
    async members(): Promise<Buffer> {
      const pieces: Buffer[] = [];
      for (const { key } of await store.list(partKeys.members(gather)))
        pieces.push(await buffer(await store.read(key)));
      return Buffer.concat(pieces);
    },
    /** A packer that reads this token now holds a valid one, or holds it no more. */
    setToken(token: string, isValid: boolean): void {
      if (isValid) pods.set(token, packerPod);
      else pods.delete(token);
    },
    async close(): Promise<void> {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What `muster pack` finds in its environment, as in a pod, and its folders in the world's own. */
export function packSettings({ folder, url, caPem }: IngestWorld): Record<string, string> {
  const at = (name: string) => join(folder, name);
  for (const name of ['source', 'control', 'pack']) mkdirSync(at(name));
  writeFileSync(at('token'), `${packerToken}\n`);
  return {
    MUSTER_INGEST_URL: url,
    MUSTER_INGEST_CA: caPem,
    MUSTER_INGEST_TOKEN_FILE: at('token'),
    MUSTER_SOURCE_DIR: at('source'),
    MUSTER_CONTROL_DIR: at('control'),
    MUSTER_PACK_DIR: at('pack'),
  };
}

/**
 * A way to a port of loopback that is cut again and again: each connection after so many bytes in either direction as
 * `nextBytes` says.
 */
export async function startCuttingProxy(port: number, nextBytes: () => number) {
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let left = nextBytes();
    const cut = () => {
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('data', (bytes: Buffer) => {
        left -= bytes.length;
        to.write(left < 0 ? bytes.subarray(0, Math.max(0, bytes.length + left)) : bytes);
        if (left >= 0) return;
        cuts += 1;
        cut();
      });
      from.on('error', cut);
      from.on('close', () => {
        open.delete(from);
        cut();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    async close(): Promise<void> {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
