/** One setting of `muster serve`: the flag `--NAME`, or the variable `MUSTER_NAME`. */
export type ServiceSetting = {
  readonly name: string;
  /** What stands for the value in the help. */
  readonly value: string;
  /** What it is for, in a line. */
  readonly description: string;
  /** The value where none is given; text in brackets says what happens then. */
  readonly fallback: string;
};

/** Every setting of `muster serve`: flags, variables, help and docs/configuration.md come from here. */
export const serviceSettings = [
  setting('listen', 'host:port', 'where pages and REST are served', '127.0.0.1:8443'),
  setting('ingest-listen', 'host:port', 'where packers bring what they packed', '[none: everything is copied by exec]'),
  setting(
    'ingest-url',
    'url',
    'address of that port as pods reach it',
    '[https://muster-ingest.NAMESPACE.svc and the port of --ingest-listen]',
  ),
  setting('public-url', 'url', 'address at which people reach the service', '[that of its Route or Ingress]'),
  setting('tls-cert', 'file', 'certificate of --listen, PEM; read again when it changes', '[made by Muster]'),
  setting('tls-key', 'file', 'key of --tls-cert, PEM', '[made by Muster]'),
  setting('auth', 'token|none', 'who may call: cluster-admins, by token; or, on loopback only, anybody', 'token'),
  setting(
    'proxy-token-header',
    'name',
    'header in which a proxy in front, which signs people in, brings their token: X-Forwarded-Access-Token',
    '[none: the pages have a login page]',
  ),
  setting('store', 'dir|s3://bucket/prefix', 'where archives live', 'muster-store'),
  setting('store-reserve', 'size', 'bytes of the disk that archives never take', '1Gi'),
  setting('keep-max-bytes', 'size', 'the oldest archives go when all take more', '[no limit]'),
  setting('keep-max-count', 'n', 'the oldest archives go when there are more', '[no limit]'),
  setting('keep-max-age', 'duration', 'archives go when they are older', '[no limit]'),
  setting(
    'cluster-name',
    'text',
    'what people call the cluster',
    '[its infrastructure name, else the host of its API]',
  ),
  setting('alertmanager', 'url', 'where firing alerts are read, for the dashboard', '[none: it shows no alerts]'),
  setting('alertmanager-ca', 'file', 'whom to trust there, PEM; read again each time', '[what Node.js trusts]'),
  setting('namespace', 'namespace', 'where reports are objects', "[the pod's own, else muster]"),
  setting('replicas-lease', 'name', 'lease by which replicas agree on a leader', 'muster'),
  setting('default-image', 'image', 'what runs when nothing is named', '[that of the cluster, else that of Muster]'),
  setting('pack-image', 'image', 'image of the packer', '[that of the running pod]'),
  setting('gathers', 'n', 'how many gathers run at once', '4'),
  setting('log-level', 'info|warn|error', 'the least that is worth a line in the log; the audit is info', 'info'),
] as const satisfies readonly ServiceSetting[];

export type ServiceSettingName = (typeof serviceSettings)[number]['name'];

/** `MUSTER_TLS_CERT` for `tls-cert`. */
export function variableOf(name: string): string {
  return `MUSTER_${name.toUpperCase().replaceAll('-', '_')}`;
}

function setting<Name extends string>(name: Name, value: string, description: string, fallback: string) {
  return { name, value, description, fallback };
}

/** docs/configuration.md has it between its marks; `npm run generate` puts it there. */
export function settingsTable(): string {
  const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
  const fallbackOf = (text: string) => (text.startsWith('[') ? text.slice(1, -1).replaceAll('|', '\\|') : code(text));
  return [
    '| flag | variable | what it says | default |',
    '| --- | --- | --- | --- |',
    ...serviceSettings.map(
      ({ name, value, description, fallback }) =>
        `| ${code(`--${name} ${value}`)} | ${code(variableOf(name))} | ${description} | ${fallbackOf(fallback)} |`,
    ),
  ].join('\n');
}
