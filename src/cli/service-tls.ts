import { join } from 'node:path';
import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import type { ServiceConfig } from '../report/service-config.ts';
import { SERVICE_NAME } from '../server/public-url.ts';
import type { ServerTls } from '../server/tls.ts';
import { openTlsFiles } from '../server/tls-files.ts';
import { folderKeeper, secretKeeper } from '../server/tls-keepers.ts';
import { openMadeTls, serviceNames } from '../server/tls-made.ts';
import { isS3Location } from '../store/s3-settings.ts';

export type ServiceTls = {
  /** Undefined for plain HTTP. */
  readonly rest: ServerTls | undefined;
  /** Always of Muster's own making: packers are told what to trust. */
  readonly ingest: ServerTls | undefined;
  close(): void;
};

export type ServiceTlsOptions = {
  readonly isInCluster: boolean;
  readonly timers: Timers;
  readonly say: (line: string) => void;
};

/** The certificates of the service, as far as it was told to use some: from files, else of its own. */
export async function openServiceTls(
  kube: Kube,
  config: ServiceConfig,
  { isInCluster, timers, say }: ServiceTlsOptions,
): Promise<ServiceTls> {
  const { tlsFiles, scheme, ingest } = config;
  const fromFiles = tlsFiles === undefined ? undefined : await openTlsFiles({ ...tlsFiles, timers, say });
  const isMadeNeeded = ingest !== undefined || (scheme === 'https' && fromFiles === undefined);
  const isInSecret = isInCluster || isS3Location(config.store);
  const keeper = isInSecret ? secretKeeper(kube, config.namespace) : folderKeeper(join(config.store, 'tls'));
  const made = isMadeNeeded ? await openMadeTls({ keeper, names: namesOf(config), timers, say }) : undefined;
  return {
    rest: fromFiles ?? (scheme === 'https' ? made : undefined),
    ingest: ingest === undefined ? undefined : made,
    close: () => {
      fromFiles?.close();
      made?.close();
    },
  };
}

function namesOf({ listen, ingest, publicUrl, namespace }: ServiceConfig): string[] {
  const isWildcard = listen.host === '0.0.0.0' || listen.host === '::';
  return [
    ...serviceNames(SERVICE_NAME, namespace),
    ...serviceNames(`${SERVICE_NAME}-ingest`, namespace),
    ...(isWildcard ? [] : [listen.host]),
    ...[publicUrl, ingest?.url].filter((url) => url !== undefined).map((url) => new URL(url).hostname),
  ];
}
