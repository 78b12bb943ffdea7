import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError, messageOf } from '../report/errors.ts';

/** A sandbox that runs in this process. */
export type OpenSandbox = {
  readonly server: string;
  /** Gone with the sandbox, and all that is in it. */
  readonly folder: string;
  /** In that folder. */
  readonly kubeconfigFile: string;
  readonly isolation: string;
  close(): Promise<void>;
};

type Listen = { readonly address?: string; readonly port?: number };

/** Starts a sandbox, with the sample cluster unless it is to be empty. `SandboxUnavailable` where it cannot run. */
export async function openSandbox({ empty, ...listen }: Listen & { empty: boolean }): Promise<OpenSandbox> {
  try {
    // Only who wants a sandbox pays for loading it; the bundle has none.
    const { startEmpty, startSample } = await import('../../sandbox/sample/start-sample.ts');
    const sandbox = await (empty ? startEmpty(listen) : startSample(listen));
    const { folder = '' } = sandbox;
    const kubeconfigFile = join(folder, 'kubeconfig');
    await writeFile(kubeconfigFile, sandbox.kubeconfig, { mode: 0o600 });
    const { server, isolation = '' } = sandbox;
    return { server, folder, kubeconfigFile, isolation, close: () => sandbox.close() };
  } catch (error) {
    throw new MusterError('SandboxUnavailable', `the sandbox cannot start: ${messageOf(error)}`);
  }
}
