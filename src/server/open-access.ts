import { BlockList, isIP } from 'node:net';
import { MusterError } from '../report/errors.ts';
import { invalidInput, quoted } from '../report/refusal.ts';
import type { Access } from './access.ts';
import type { CallerHeaders } from './token-answers.ts';

/**
 * Access for `--auth=none`: whoever reaches the machine's own loopback address. `host` is where the service listens; any
 * other than loopback throws MusterError InvalidInput. A browser on that machine reaches loopback too, for any page that
 * it shows: requests that a foreign page sends (Origin), or that come by a foreign name (DNS rebinding), get 403.
 */
export function createOpenAccess(host: string): Access {
  if (!isLoopback(host)) {
    throw invalidInput('--auth', `none is for loopback only (127.0.0.1, ::1, localhost), not for ${quoted(host)}`);
  }
  return {
    async authorize(headers) {
      const asked = hostOf(`http://${one(headers, 'host')}`);
      if (asked === undefined || !isLoopback(asked.hostname)) {
        throw foreign('Without access control Muster answers to loopback names only.');
      }
      const origin = one(headers, 'origin');
      if (origin !== '' && hostOf(origin)?.host !== asked.host) {
        throw foreign('Without access control Muster takes no requests from pages of other origins.');
      }
      return { username: 'anonymous' };
    },
  };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const family = isIP(bare);
  return family === 0 ? bare === 'localhost' : loopback.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url) : undefined);
const one = (headers: CallerHeaders, name: string) => headers[name]?.toString() ?? '';
const foreign = (message: string) => new MusterError('RightsMissing', message);
