import { useSyncExternalStore } from 'react';
import type { ComponentList } from '../../../src/report/rest-components.ts';
import type { ReportHappening } from '../../../src/report/rest-events.ts';
import type { RestFolderEntry } from '../../../src/report/rest-files.ts';
import type { Report } from './report.ts';
import type { ReportFeed } from './report-feed.ts';
import type { ArchiveVerdict, ReportSource } from './report-source.ts';
import { RequestFailed } from './request-failed.ts';
import type { RestClient } from './rest-client.ts';

export type RestSourceOptions = {
  readonly client: RestClient;
  readonly feed: ReportFeed;
  /** Before each path: empty, or that of the console's proxy. */
  readonly basePath: string;
  /** This browser's clock. */
  readonly now: () => number;
};

/** Reports over REST and `/events`. */
export function createRestSource({ client, feed, basePath, now }: RestSourceOptions): ReportSource {
  return {
    ...createRestActions({ client, basePath, now }),
    useReports: () => useSyncExternalStore(feed.subscribe, feed.snapshot),
  };
}

/** All of a source but its list of reports: the same in the standalone pages and in the console. */
export function createRestActions({
  client,
  basePath,
  now,
}: Omit<RestSourceOptions, 'feed'>): Omit<ReportSource, 'useReports'> {
  const at = (id: number, rest = '') => `${basePath}/must-gather/${id}${rest}`;
  const inArchive = (id: number, path: string) => at(id, `/files/${path.split('/').map(encodeURIComponent).join('/')}`);
  return {
    components: (signal) => client.json<ComponentList>(`${basePath}/components`, { signal }),
    ask: (body) => client.json<Report>(`${basePath}/must-gather`, { method: 'POST', body }),
    cancel: async (id) => {
      await client.answer(at(id, '/cancel'), { method: 'POST' });
    },
    retry: (id) => client.json<Report>(at(id, '/retry'), { method: 'POST' }),
    remove: async (id) => {
      await client.answer(at(id), { method: 'DELETE' });
    },
    events: (id, signal) => client.json<ReportHappening[]>(at(id, '/events'), { signal }),
    // Reads the archive from end to end, which takes as long as it takes.
    verify: async (id) => (await (await client.answer(at(id, '/verify'), { method: 'POST' })).json()) as ArchiveVerdict,
    archiveUrl: (id) => at(id, '/data'),
    fileUrl: inArchive,
    logUrl: (id) => at(id, '/logs'),
    log: (id, gather, signal) => readLog(client, at(id, '/logs'), gather, signal),
    folder: async (id, path, after, signal) => {
      const query = after === undefined ? '' : `?${new URLSearchParams({ limit: '1000', continue: after })}`;
      const response = await client.answer(`${inArchive(id, path)}${query}`, { signal });
      const entries = (await response.json()) as RestFolderEntry[];
      const next = /[?&]continue=([^&>]+)/.exec(response.headers.get('link') ?? '')?.[1];
      return { entries, next: next === undefined ? undefined : decodeURIComponent(next.replaceAll('+', ' ')) };
    },
    fileBytes: async (id, path, { offset, length }, signal) => {
      const range = `bytes=${offset}-${offset + length - 1}`;
      const response = await client.answer(inArchive(id, path), { headers: { range }, signal });
      // What is in a file comes as text or as bytes; a folder's list comes as JSON.
      if (response.headers.get('content-type')?.startsWith('application/json')) {
        await response.body?.cancel();
        throw new RequestFailed(400, 'InvalidInput', `${path} is a folder`);
      }
      const sizeBytes = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1]);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { bytes, sizeBytes: Number.isNaN(sizeBytes) ? bytes.length : sizeBytes };
    },
    serverNow: () => now() + client.aheadMs(),
  };
}

async function* readLog(
  client: RestClient,
  path: string,
  gather: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const query = new URLSearchParams({ follow: 'true', ...(gather === undefined ? {} : { gather }) });
  const { body } = await client.answer(`${path}?${query}`, { headers: { accept: 'text/plain' }, signal });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
