import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmpty, startSample } from '../../sandbox/sample/start-sample.ts';
import { connect } from '../../src/kube/connect.ts';
import { createOpenAccess } from '../../src/server/open-access.ts';
import { type Service, type ServiceOptions, startService } from '../../src/server/service.ts';
import { createServiceLogger } from '../../src/server/service-logger.ts';
import { openDirectoryStore } from '../../src/store/directory-store.ts';

/** For tests: the service on a sandbox, without tokens. */
export type ServiceWorld = Awaited<ReturnType<typeof startServiceWorld>>;

export async function startServiceWorld({ sample = true }: { readonly sample?: boolean } = {}) {
  const sandbox = await (sample ? startSample({}) : startEmpty({}));
  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  await writeFile(kubeconfigFile, sandbox.kubeconfig, { mode: 0o600 });
  const kube = await connect({ env: { KUBECONFIG: kubeconfigFile } });
  const store = await openDirectoryStore(join(folder, 'store'), { sweepBeforeMs: 0 });
  const lines: string[] = [];
  const running: Service[] = [];
  let begun = 0;
  const start = async (more: Partial<ServiceOptions> = {}): Promise<Service> => {
    begun += 1;
    const service = await startService({
      kube,
      store,
      namespace: 'default',
      workDirectory: join(folder, `work-${begun}`),
      listen: { host: '127.0.0.1', port: 0 },
      access: createOpenAccess('127.0.0.1'),
      usualImages: {},
      gathersAtOnce: 4,
      clientVersion: 'test',
      identity: `process-${begun}`,
      leaseName: 'muster',
      log: createServiceLogger((line) => lines.push(line), Date.now),
      ...more,
    });
    running.push(service);
    return service;
  };
  return {
    sandbox,
    kube,
    store,
    folder,
    kubeconfigFile,
    /** Lines of the services' logs. */
    lines,
    start,
    async close() {
      await Promise.all(running.map((service) => service.stop()));
      await kube.close();
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** JSON of one request; a report as REST shows it. */
export type RestAnswer = { readonly status: number; readonly body: Record<string, unknown> };

export async function ask(url: string, method = 'GET', body?: object): Promise<RestAnswer> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

/** The report, once it has one of the states. */
export async function untilState(url: string, states: readonly string[], withinMs = 60_000) {
  const lateAtMs = Date.now() + withinMs;
  for (;;) {
    const { body } = await ask(url);
    if (states.includes(String(body.status))) return body;
    if (Date.now() > lateAtMs) throw new Error(`still ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
