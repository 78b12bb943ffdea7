import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect } from '../kube/connect.ts';
import { isAlreadyExists } from '../kube/errors.ts';
import { namespaces } from '../kube/kinds.ts';
import { realTimers, sleep } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import { createOpenAccess } from '../server/open-access.ts';
import { readPages } from '../server/pages.ts';
import { startService } from '../server/service.ts';
import { createServiceLogger } from '../server/service-logger.ts';
import { openDirectoryStore } from '../store/directory-store.ts';
import type { OpenSandbox } from './open-sandbox.ts';
import { pagesFolder } from './pages-folder.ts';
import { clientVersion } from './version.ts';

const NAMESPACE = 'muster';
const HOST = '127.0.0.1';
/** Where the seed's examples look for it; any free one where somebody else has it. */
const USUAL_PORT = 8080;
const REPORT_WITHIN_MS = 10 * 60_000;

/** The service on a sandbox, in this process; everything that it keeps is gone with the sandbox. */
export type SampleService = {
  readonly url: string;
  /** Asks for a report of everything and waits for its end; answers with its number and its state. */
  report(signal: AbortSignal): Promise<{ readonly id: number; readonly phase: string; readonly sha256: string }>;
  /** Saves the archive of a report. */
  download(id: number, file: string, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
};

/** Starts the service without tokens, which is for loopback and a sandbox alone. `warn` is told of trouble. */
export async function startSampleService(
  { kubeconfigFile, folder }: OpenSandbox,
  warn: (line: string) => void,
): Promise<SampleService> {
  const kube = await connect({ env: { KUBECONFIG: kubeconfigFile } });
  await kube.create(namespaces, { metadata: { name: NAMESPACE } }).catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error;
  });
  const store = await openDirectoryStore(join(folder, 'store'), { sweepBeforeMs: 0 });
  const pages = await readPages(pagesFolder());
  const log = createServiceLogger((line) => warn(line), Date.now);
  const start = (port: number) =>
    startService({
      kube,
      store,
      namespace: NAMESPACE,
      workDirectory: join(folder, 'work'),
      listen: { host: HOST, port },
      access: createOpenAccess(HOST),
      signIn: { auth: 'none' },
      pages,
      usualImages: {},
      gathersAtOnce: 4,
      keep: {},
      clientVersion: clientVersion(),
      identity: 'start',
      leaseName: 'muster',
      // Who types `npm start` watches reports, not requests.
      log: { ...log, info: () => undefined },
    });
  const service = await start(USUAL_PORT).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return start(0);
    throw error;
  });
  const reports = `${service.url}/must-gather`;
  return {
    url: service.url,
    report: async (signal) => {
      const within = AbortSignal.any([signal, AbortSignal.timeout(REPORT_WITHIN_MS)]);
      const body = JSON.stringify({ 'all-images': true, 'custom-name': 'sample' });
      const headers = { 'content-type': 'application/json' };
      const { id } = await answerOf(await fetch(reports, { method: 'POST', body, headers, signal: within }));
      for (;;) {
        const report = await answerOf(await fetch(`${reports}/${id}`, { signal: within }));
        if (report.status === 'completed' || report.status === 'error') {
          return { id, phase: report.phase, sha256: report['archive-sha256'] };
        }
        await sleep(realTimers, 200, within);
      }
    },
    download: async (id, file, signal) => {
      const { body, status } = await fetch(`${reports}/${id}/data`, { signal });
      if (status !== 200 || body === null) throw new MusterError('NotFound', `report ${id} has no archive`);
      await pipeline(Readable.fromWeb(body), createWriteStream(file));
    },
    stop: async () => {
      await service.stop();
      await kube.close();
    },
  };
}

type RestReport = {
  readonly id: number;
  readonly status: string;
  readonly phase: string;
  readonly 'archive-sha256': string;
};

async function answerOf(response: Response): Promise<RestReport> {
  const answer = (await response.json()) as RestReport & { readonly message?: string };
  if (!response.ok) throw new MusterError('Internal', answer.message ?? `the service answered ${response.status}`);
  return answer;
}
