import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that HTTPS_PROXY or HTTP_PROXY (or the lower-case names) give for a server, as Go's ProxyFromEnvironment
 * reads them and so kubectl does: NO_PROXY may hold `*`, hosts, domains, `host:port`, addresses and CIDRs, and what is
 * on this machine itself is never asked for through a proxy.
 */
export function proxyFromEnvironment(server: string, env: Environment): string | undefined {
  const url = new URL(server);
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[name] || env[name.toLowerCase()];
  if (!proxy || isBypassed(url, env.NO_PROXY || env.no_proxy || '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** The same for an agent of node:http or node:https, as its options; without, it asks nobody's environment. */
export function proxyAgentOptions(server: string, env: Environment): { proxyEnv?: Record<string, string> } {
  const proxy = proxyFromEnvironment(server, env);
  // Node.js would read NO_PROXY in its own way, without CIDRs: whether there is a proxy is decided here.
  return proxy === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } };
}

function isBypassed(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || inRange(host, '127.0.0.0/8') || host === '::1') return true;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const rules = noProxy.split(',').map((rule) => rule.trim().toLowerCase());
  return rules.some((rule) => rule !== '' && matches(rule, host, port));
}

function matches(rule: string, host: string, port: string): boolean {
  if (rule === '*' || rule === host) return true;
  if (rule.includes('/')) return inRange(host, rule);
  const [, name = rule, wantedPort] = /^(.+):(\d+)$/.exec(isIP(rule) === 0 ? rule : '') ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const domain = name.replace(/^\*?\./, '');
  return host.endsWith(`.${domain}`) || (host === domain && name === domain);
}

function inRange(host: string, cidr: string): boolean {
  const family = isIP(host);
  const [network = '', bits = ''] = cidr.split('/');
  if (family === 0 || isIP(network) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(network, Number(bits), type);
  return range.check(host, type);
}
