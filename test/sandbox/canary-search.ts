import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';

/** A value that must be nowhere but where it belongs, and what it is. */
export type Canary = { readonly name: string; readonly value: string };

/** What looks like a secret, whoever made it. */
const SHAPES = [
  { name: 'some token', shape: /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{20,}/ },
  { name: 'some private key', shape: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
];

/** Looks for canaries, and remembers where it found which. */
export type CanarySearch = {
  add(canary: Canary): void;
  /** Bytes of a place. What is gzip is looked at unpacked as well. */
  look(place: string, bytes: Buffer | string): void;
  /** The same, where this version of it has not been looked at yet. */
  lookOnce(place: string, version: string, bytes: () => Buffer | string): void;
  /** All files below a folder that have changed since the last look, without those that `isExempt`. */
  lookAtFiles(folder: string, isExempt?: (path: string) => boolean): Promise<void>;
  /** Command lines of all processes of this machine. */
  lookAtProcesses(): Promise<void>;
  /** `WHAT in PLACE`, each once. */
  found(): string[];
  /** Places that were looked at. */
  places(): string[];
};

export function createCanarySearch(): CanarySearch {
  const needles = createNeedles();
  const found = new Set<string>();
  const places = new Set<string>();
  const seen = new Map<string, string>();

  const look = (place: string, given: Buffer | string): void => {
    const bytes = Buffer.isBuffer(given) ? given : Buffer.from(given);
    places.add(place);
    for (const name of needles.namesIn(bytes)) found.add(`${name} in ${place}`);
    const text = bytes.toString('latin1');
    for (const { name, shape } of SHAPES) if (shape.test(text)) found.add(`${name} in ${place}`);
    const unpacked = ungzip(bytes);
    if (unpacked !== undefined) look(`${place}, unpacked`, unpacked);
  };
  return {
    add: ({ name, value }) => {
      for (const text of formsOf(value)) needles.add(name, Buffer.from(text));
    },
    look,
    lookOnce: (place, version, bytes) => {
      if (seen.get(place) === version) return;
      seen.set(place, version);
      look(place, bytes());
    },
    lookAtFiles: async (folder, isExempt = () => false) => {
      const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name);
        if (!entry.isFile() || isExempt(path)) continue;
        // What vanishes while it is looked at, the next look does not miss either.
        const stats = await stat(path).catch(() => undefined);
        const version = `${stats?.ino} ${stats?.size} ${stats?.mtimeMs}`;
        if (stats === undefined || seen.get(path) === version) continue;
        const bytes = await readFile(path).catch(() => undefined);
        if (bytes === undefined) continue;
        seen.set(path, version);
        look(`file ${path}`, bytes);
      }
    },
    lookAtProcesses: async () => {
      for (const pid of await readdir('/proc')) {
        if (!/^\d+$/.test(pid)) continue;
        const line = await readFile(`/proc/${pid}/cmdline`).catch(() => undefined);
        if (line === undefined || seen.get(`process ${pid}`) === String(line)) continue;
        seen.set(`process ${pid}`, String(line));
        look('the arguments of a process', line);
      }
    },
    found: () => [...found].sort(),
    places: () => [...places],
  };
}

/** Many texts that are looked for at once: by their first two bytes, as a hundred passes over each file take too long. */
function createNeedles() {
  const isFirst = new Uint8Array(2 ** 16);
  const byFirst = new Map<number, { readonly name: string; readonly text: Buffer }[]>();
  const namesAt = (bytes: Buffer, at: number, first: number): string[] => {
    const isHere = (text: Buffer) => bytes[at + 2] === text[2] && bytes.subarray(at, at + text.length).equals(text);
    return (byFirst.get(first) ?? []).filter(({ text }) => isHere(text)).map(({ name }) => name);
  };
  return {
    add(name: string, text: Buffer): void {
      const first = text.readUInt16LE(0);
      isFirst[first] = 1;
      byFirst.set(first, [...(byFirst.get(first) ?? []), { name, text }]);
    },
    namesIn(bytes: Buffer): Set<string> {
      const names = new Set<string>();
      for (let at = 0; at + 1 < bytes.length; at += 1) {
        const first = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
        if (isFirst[first] === 1) for (const name of namesAt(bytes, at, first)) names.add(name);
      }
      return names;
    },
  };
}

/** As it is, as part of a URL, and as base64, wherever it begins within what was encoded. */
function formsOf(value: string): Set<string> {
  const forms = new Set([value, encodeURIComponent(value)]);
  for (const before of [0, 1, 2]) {
    const encoded = Buffer.from('\0'.repeat(before) + value).toString('base64');
    // Characters that also tell of what stands before and behind it.
    const own = encoded.slice([0, 2, 3][before]).replace(/=*$/, '').slice(0, -1);
    forms.add(own).add(own.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

function ungzip(bytes: Buffer): Buffer | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined;
  try {
    // A part of an archive may end in the middle of a member.
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined; // not gzip after all, or cut at its beginning: it was looked at as it is
  }
}
