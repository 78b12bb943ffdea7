import { isNotFound } from '../kube/errors.ts';
import type { Inspector } from './inspector.ts';
import type { PodBrief } from './pod-logs.ts';
import { openText } from './text-stream.ts';

/** A listing is some lines of HTML; more than this is none. */
const largestListingBytes = 1_048_576;
/** `0.log.20261121-101500`, and `.gz` when the kubelet has compressed it. */
const rotatedName = /href="(?:[^"]*\/)?(\d+\.log\.\d{8}-\d{6}(?:\.gz)?)"/g;

/** The logs of one container that the kubelet has rotated away, as it lists them to its node's proxy. */
export async function rotatedLogs(
  { kube, signal, logs, tree }: Inspector,
  pod: PodBrief,
  container: string,
  folder: string,
): Promise<void> {
  const names = [pod.node, `${pod.namespace}_${pod.name}_${pod.logId}`, container].map(encodeURIComponent);
  const listing = `/api/v1/nodes/${names[0]}/proxy/logs/pods/${names[1]}/${names[2]}/`;
  const open = (path: string) => openText(kube, path, [], signal).catch(absent);
  const html = await open(listing);
  if (html === undefined) return;
  for (const [, name = ''] of (await textOf(html)).matchAll(rotatedName)) {
    if (logs.fromMs !== undefined && rotatedAtMs(name) < logs.fromMs) continue;
    const log = await open(listing + name);
    if (log !== undefined) await tree.write(`${folder}/rotated/${name}`, log);
  }
}

/** The folder goes with its pod, and the kubelet compresses, renames and removes logs while they are read. */
function absent(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

/** When a log was rotated: all its lines are older. Kubelets name it in their local time, which is UTC as a rule. */
function rotatedAtMs(name: string): number {
  const [, year, month, day, hour, minute, second] = /(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(name) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > largestListingBytes) throw new Error(`the listing is larger than ${largestListingBytes} bytes`);
    read.push(chunk);
  }
  return Buffer.concat(read).toString();
}
