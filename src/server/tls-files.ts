import { readFile, stat } from 'node:fs/promises';
import type { Timers } from '../kube/timers.ts';
import { messageOf } from '../report/errors.ts';
import { invalidInput } from '../report/refusal.ts';
import { checkPair, type KeyPair } from './certificates.ts';
import { repeat } from './repeat.ts';
import { presenting, type ServerTls } from './tls.ts';

export type TlsFiles = { readonly certificateFile: string; readonly keyFile: string };

export type TlsFilesOptions = TlsFiles & {
  readonly timers: Timers;
  /** Told, for a log, of each new pair, and of one that cannot be used. */
  readonly say: (message: string) => void;
};

const LOOK_EVERY_MS = 10_000;

/**
 * Certificate and key from files, read again when they change, as the kubelet and cert-manager change them; a new pair
 * that cannot be used is told and the old one kept. Throws MusterError InvalidInput when the first cannot be used.
 */
export async function openTlsFiles({ timers, say, ...files }: TlsFilesOptions): Promise<ServerTls> {
  // Looked at before the files are read: what changes in between shows as a change at the next look.
  let seen = await looksOf(files);
  const presented = presenting(await readPair(files));
  const look = async () => {
    const looks = await looksOf(files);
    if (looks === seen) return;
    seen = looks;
    try {
      presented.change(await readPair(files));
      say(`The certificate of ${files.certificateFile} is presented from now on.`);
    } catch (error) {
      say(`The new certificate is not used, the old one stays: ${messageOf(error)}.`);
    }
  };
  const callOff = repeat(timers, LOOK_EVERY_MS, look);
  return { caPem: () => undefined, options: presented.options, attach: presented.attach, close: callOff };
}

/** What changes with a file, its replacement by another one included. A file that is not there has looks too. */
async function looksOf({ certificateFile, keyFile }: TlsFiles): Promise<string> {
  const looks = [certificateFile, keyFile].map(async (file) => {
    try {
      const { mtimeNs, ino, size } = await stat(file, { bigint: true });
      return `${mtimeNs} ${ino} ${size}`;
    } catch (error) {
      return messageOf(error);
    }
  });
  return (await Promise.all(looks)).join(', ');
}

async function readPair({ certificateFile, keyFile }: TlsFiles): Promise<KeyPair> {
  const pair = {
    certificatePem: await readPem('--tls-cert', certificateFile),
    keyPem: await readPem('--tls-key', keyFile),
  };
  try {
    checkPair(pair);
  } catch (error) {
    throw invalidInput('--tls-cert', `${certificateFile} and ${keyFile} are no pair: ${messageOf(error)}`);
  }
  return pair;
}

async function readPem(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw invalidInput(flag, messageOf(error));
  }
}
