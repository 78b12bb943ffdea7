import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Missing, podField, type ReadEntries } from './environment.ts';
import type { Projection, SandboxPod, Volume } from './pod-shape.ts';

export type IssueToken = (request: {
  readonly audience: string | undefined;
  readonly expirationSeconds: number;
}) => Promise<string>;

export type VolumeSources = {
  readonly read: ReadEntries;
  readonly issueToken: IssueToken;
  /** The folder of a claim; throws `Missing` while it is not bound. */
  readonly claimFolder: (claimName: string) => string;
};

/** Makes a volume's folder ready below `parent` and tells where it is; throws `Missing` for what is not there yet. */
export async function prepareVolume(
  pod: SandboxPod,
  volume: Volume,
  parent: string,
  sources: VolumeSources,
): Promise<string> {
  if (volume.persistentVolumeClaim) return sources.claimFolder(volume.persistentVolumeClaim.claimName);
  const folder = join(parent, volume.name);
  await mkdir(folder, { recursive: true });
  // As in a real one, whatever user a container runs as may write.
  if (volume.emptyDir) await chmod(folder, 0o777);
  for (const projection of projectionsOf(volume)) await project(pod, projection, folder, sources);
  return folder;
}

function projectionsOf({ name, emptyDir, configMap, secret, downwardAPI, projected }: Volume): readonly Projection[] {
  if (configMap) return [{ configMap }];
  if (secret) return [{ secret: { ...secret, name: secret.secretName } }];
  if (downwardAPI) return [{ downwardAPI }];
  if (projected) return projected.sources ?? [];
  if (emptyDir) return [];
  throw new Missing(`the sandbox has no volumes of the kind that volume "${name}" asks for`);
}

async function project(pod: SandboxPod, source: Projection, folder: string, sources: VolumeSources): Promise<void> {
  const { serviceAccountToken, downwardAPI } = source;
  if (serviceAccountToken) {
    const { audience, expirationSeconds = 3600, path } = serviceAccountToken;
    await put(folder, path, await sources.issueToken({ audience, expirationSeconds }), 0o600);
  }
  for (const { path, fieldRef } of downwardAPI?.items ?? []) {
    await put(folder, path, podField(pod, fieldRef?.fieldPath ?? ''), 0o644);
  }
  await projectEntries('configMap', source.configMap, folder, sources.read);
  await projectEntries('secret', source.secret, folder, sources.read);
}

async function projectEntries(
  kind: 'configMap' | 'secret',
  source: Projection['configMap'],
  folder: string,
  read: ReadEntries,
): Promise<void> {
  if (source === undefined) return;
  const entries = read(kind, source.name);
  if (entries === undefined && !source.optional) throw new Missing(`${kind} "${source.name}" not found`);
  const items = source.items ?? [...(entries ?? new Map()).keys()].map((key) => ({ key, path: key }));
  for (const { key, path } of items) {
    const value = entries?.get(key);
    if (value !== undefined) await put(folder, path, value, 0o644);
    else if (!source.optional) throw new Missing(`${kind} "${source.name}" has no key "${key}"`);
  }
}

async function put(folder: string, path: string, content: string | Buffer, mode: number): Promise<void> {
  // Kubernetes refuses such paths when the pod is made; a file outside of the volume is worse than a missing one.
  if (path.startsWith('/') || path.split('/').includes('..')) throw new Missing(`the path "${path}" leaves its volume`);
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content, { mode });
}

/** What lies in a folder, in bytes; files that vanish while it looks do not count. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  let sizeBytes = 0;
  for (const entry of entries) {
    if (entry.isFile())
      sizeBytes += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return sizeBytes;
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity of bytes such as `64Mi`; `undefined` for what is none. */
export function quantityBytes(quantity: string | number): number | undefined {
  const { amount, unit } = /^(?<amount>\d+(\.\d+)?)(?<unit>[kMGT]|[KMGT]i)?$/.exec(String(quantity))?.groups ?? {};
  return amount === undefined ? undefined : Number(amount) * (units[unit ?? ''] ?? Number.NaN);
}
