import { channel } from 'node:diagnostics_channel';
import fs, { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { type Faults, KILLED, type Moment, type Victim } from './faults.ts';

// Preloaded into `muster serve` (`node --import`): sees everything that the process changes outside itself, in the
// cluster, in files and with packers, and writes it down; or kills, with SIGKILL, at one of these moments. What it is to
// do is in MUSTER_FAULTS, a `Faults` as JSON.

const { traceFile, kill } = JSON.parse(process.env.MUSTER_FAULTS ?? '{}') as Faults;
let isDone = false;

function reach(when: Moment['when'], effect: string): void {
  if (when === 'before') appendFileSync(traceFile, `${effect}\n`);
  if (isDone || kill === undefined || kill.at.when !== when || kill.at.effect !== effect) return;
  isDone = true;
  appendFileSync(traceFile, `${KILLED}${when} ${effect}\n`);
  for (const pid of pidsOf(kill.victim)) process.kill(pid, 'SIGKILL');
}

function pidsOf(victim: Victim): number[] {
  if (victim === 'self') return [process.pid];
  if (victim !== 'packers') return [Number(readFileSync(victim.pidFile, 'utf8'))];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => isPacker(pid))
    .map(Number);
}

function isPacker(pid: string): boolean {
  try {
    const [program = '', ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const isInPod = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes('kubepods');
    return isInPod && program.endsWith('node') && words.includes('pack');
  } catch {
    return false; // it ended meanwhile
  }
}

/** The same text for the same side effect of every report and every run. */
function general(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID')
    .replaceAll(/must-gather-[0-9a-f]{8}-/g, 'must-gather-UID-')
    .replaceAll(/((?:reports|events)\/)[a-z0-9.-]+/g, '$1NAME')
    .replaceAll(/(?<=namespaces\/)muster-[a-z0-9-]+/g, 'NAMESPACE')
    .replaceAll(/(?<=leases\/)[a-z0-9-]+/g, 'LEASE')
    .replaceAll(/[0-9a-f]{16}/g, 'HEX')
    .replaceAll(/(members\/)\d+/g, '$1OFFSET');
}

watchKube();
watchPackers();
watchFiles();

type KubeRequest = { readonly method: string; readonly path: string; readonly body?: unknown };

/** Requests of undici that change something, by what they change; and exec, which goes over a WebSocket. */
function watchKube(): void {
  const named = (request: KubeRequest) => effectOf(request);
  channel('undici:request:create').subscribe((message) => {
    const effect = named((message as { request: KubeRequest }).request);
    if (effect !== undefined) reach('before', effect);
  });
  channel('undici:request:headers').subscribe((message) => {
    const effect = named((message as { request: KubeRequest }).request);
    if (effect !== undefined) reach('after', effect);
  });
  channel('http.client.request.start').subscribe((message) => {
    const { request } = message as { request: ClientRequest };
    if (!request.path.includes('/exec?')) return;
    const effect = `exec ${commandOf(request.path)}`;
    reach('before', effect);
    request.prependOnceListener('upgrade', () => reach('after', effect));
  });
}

function effectOf({ method, path, body }: KubeRequest): string | undefined {
  const [where = ''] = path.split('?');
  // A review changes nothing.
  if (method === 'GET' || /reviews$/.test(where)) return undefined;
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : String(body ?? '');
  return general(`${method} ${where.replace(/^\/apis?\//, '')}${method === 'PATCH' ? ` ${changeOf(text)}` : ''}`);
}

type Change = {
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: { readonly phase?: string; readonly gathers?: readonly { readonly phase: string }[] };
};

function changeOf(text: string): string {
  const { metadata = {}, spec = {}, status } = JSON.parse(text) as Change;
  if (status === undefined) return [...Object.keys(metadata), ...Object.keys(spec)].join(',');
  return [status.phase, ...(status.gathers ?? []).map(({ phase }) => phase)].join(' ');
}

const commandOf = (path: string) =>
  general(new URLSearchParams(path.slice(path.indexOf('?'))).getAll('command').join(' '))
    .replaceAll(/\s+/g, ' ')
    .slice(0, 60);

/** What people and packers ask this process for, but for mere reading. */
function watchPackers(): void {
  const effectOf = ({ method = '', url = '' }: IncomingMessage) =>
    method === 'GET' ? undefined : general(`answer ${method} ${url.replace(/(must-gather\/)\d+/, '$1N')}`);
  const told = (when: Moment['when']) => (message: unknown) => {
    const effect = effectOf((message as { request: IncomingMessage }).request);
    if (effect !== undefined) reach(when, effect);
  };
  channel('http.server.request.start').subscribe(told('before'));
  channel('http.server.response.finish').subscribe(told('after'));
}

type Anything = (...args: never[]) => Promise<unknown>;

/** Files: what makes, moves, removes or syncs one. */
function watchFiles(): void {
  const wrap = <T extends Anything>(name: string, work: T, mostPaths = 2): T =>
    (async (...args: Parameters<T>) => {
      const paths = args
        .slice(0, mostPaths)
        .filter((arg): arg is Parameters<T>[number] & string => typeof arg === 'string');
      const effect = general(`${name} ${paths.map(shortPath).join(' ')}`);
      reach('before', effect);
      const result = await work(...args);
      reach('after', effect);
      return result;
    }) as T;
  promises.rename = wrap('rename', promises.rename);
  promises.rm = wrap('rm', promises.rm);
  promises.mkdir = wrap('mkdir', promises.mkdir as Anything) as typeof promises.mkdir;
  promises.mkdtemp = wrap('mkdtemp', promises.mkdtemp as Anything) as typeof promises.mkdtemp;
  // What is written may be a key.
  promises.writeFile = wrap('write', promises.writeFile as Anything, 1) as typeof promises.writeFile;
  promises.link = wrap('link', promises.link);
  const { open } = promises;
  promises.open = async (path, flags, mode) => {
    if (typeof path !== 'string' || !/[wa+]/.test(String(flags ?? 'r'))) return await open(path, flags, mode);
    const effect = general(`write ${shortPath(path)}`);
    reach('before', effect);
    const file = await open(path, flags, mode);
    reach('after', effect);
    file.sync = wrap(`sync ${general(shortPath(path))}`, file.sync.bind(file));
    return file;
  };
  const { createWriteStream } = fs;
  fs.createWriteStream = (path, options) => {
    const effect = general(`write ${shortPath(String(path))}`);
    reach('before', effect);
    return createWriteStream(path, options).once('open', () => reach('after', effect));
  };
  syncBuiltinESMExports();
}

/** From where the store or the work directory begins. */
const shortPath = (path: string) => path.replace(/^.*\/(?=store\/|muster-serve-)/, '');
