import type { Timers } from '../kube/timers.ts';
import { messageOf } from '../report/errors.ts';
import {
  CERTIFICATE_LIFE_MS,
  checkPair,
  expiresAtMs,
  isSignedBy,
  issueCertificate,
  type KeyPair,
  makeAuthority,
  namesIn,
  renewAtMs,
  standsFor,
} from './certificates.ts';
import { repeat } from './repeat.ts';
import { presenting, type ServerTls } from './tls.ts';

/** An authority of Muster's own, and the certificate that it signed. */
export type MadeTls = { readonly authority: KeyPair; readonly server: KeyPair };

/** What a keeper holds: nothing yet, a pair that can be used, or something that cannot, and why. */
export type KeptTls = {
  readonly kept?: MadeTls;
  readonly broken?: string;
  /** By which it is replaced; undefined where nothing is there. */
  readonly version?: string;
};

/** Where certificates that Muster made are kept, for its next start and for its other replicas. */
export type TlsKeeper = {
  read(): Promise<KeptTls>;
  /** Keeps them in place of `version`; false where somebody else was faster. */
  write(made: MadeTls, version: string | undefined): Promise<boolean>;
};

export type MadeTlsOptions = {
  readonly keeper: TlsKeeper;
  /** Hosts and IP addresses by which callers reach the server; loopback is among them unasked. */
  readonly names: readonly string[];
  readonly timers: Timers;
  /** Told, for a log, of what was made, and why something could not be. */
  readonly say: (message: string) => void;
};

/** How soon a replica presents what another one made. */
const LOOK_EVERY_MS = 60_000;
const MOST_TRIES = 10;
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/**
 * A certificate of Muster's own: made once, kept, read by all replicas, renewed when two thirds of its life are over or
 * when a name lacks. The authority stays the same, since packers and people trust it, until it has less to live than a
 * new certificate. Throws what the keeper throws at the start; later it is told, and tried again within a minute.
 */
export async function openMadeTls(options: MadeTlsOptions): Promise<ServerTls> {
  const { timers, say } = options;
  let now = await settle(options);
  const presented = presenting(now.server);
  const callOff = repeat(timers, LOOK_EVERY_MS, async () => {
    try {
      now = await settle(options);
      presented.change(now.server);
    } catch (error) {
      say(`The certificate could not be looked after: ${messageOf(error)}.`);
    }
  });
  return {
    caPem: () => now.authority.certificatePem,
    options: presented.options,
    attach: presented.attach,
    close: callOff,
  };
}

/** What is kept, or what was made in its place because something was due. */
async function settle({ keeper, names, timers, say }: MadeTlsOptions): Promise<MadeTls> {
  const wanted = [...new Set([...LOOPBACK, ...names.map(canonical)])];
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { kept, broken, version } = await keeper.read();
    if (broken !== undefined) say(`The kept certificate is made anew: ${broken}.`);
    const due = namesDue(kept, wanted, timers.now());
    if (kept !== undefined && due === undefined) return kept;
    const made = await make(kept, due ?? wanted, timers.now());
    if (!(await keeper.write(made, version))) continue;
    say(`A certificate was made for ${namesIn(made.server.certificatePem).join(', ')}.`);
    return made;
  }
  throw new Error('the kept certificate was changed by somebody else again and again');
}

/** As certificates spell a host; URLs put IPv6 addresses in brackets. */
const canonical = (name: string) => name.toLowerCase().replace(/^\[(.*)\]$|\.$/, '$1');

/** The names by which a Service is reached from pods. */
export function serviceNames(service: string, namespace: string): string[] {
  const short = `${service}.${namespace}`;
  return [service, short, `${short}.svc`, `${short}.svc.cluster.local`];
}

/** Why a pair out of a keeper cannot be used; undefined where it can. */
export function whyBroken({ authority, server }: MadeTls): string | undefined {
  try {
    checkPair(authority);
    checkPair(server);
    return isSignedBy(server.certificatePem, authority.certificatePem)
      ? undefined
      : 'another authority signed the certificate';
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * The names to make a certificate for, undefined while the present one does. A renewal takes the names of now alone; a
 * name that lacks is added to the present ones, so that replicas that were told other names do not undo each other's work.
 */
function namesDue(kept: MadeTls | undefined, wanted: readonly string[], nowMs: number): readonly string[] | undefined {
  if (kept === undefined || nowMs >= renewAtMs(kept.server.certificatePem)) return wanted;
  const { certificatePem } = kept.server;
  const lacking = wanted.filter((name) => !standsFor(certificatePem, name));
  return lacking.length === 0 ? undefined : [...namesIn(certificatePem), ...lacking];
}

async function make(kept: MadeTls | undefined, names: readonly string[], nowMs: number): Promise<MadeTls> {
  const mayStay = kept !== undefined && expiresAtMs(kept.authority.certificatePem) > nowMs + CERTIFICATE_LIFE_MS;
  const authority = mayStay ? kept.authority : await makeAuthority(nowMs);
  return { authority, server: await issueCertificate(authority, names, nowMs) };
}
