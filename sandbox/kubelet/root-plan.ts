import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Launch } from './container.ts';

/** One step in laying out a container's root; `target` is a path in it. */
export type Step = {
  readonly step: 'tmpfs' | 'proc' | 'link' | 'bind' | 'bind-ro' | 'overlay' | 'replicate';
  readonly source: string;
  readonly target: string;
};

/** Folders that every container has of its own, so anything may be mounted in them. */
const ownFolders = ['/tmp', '/run', '/dev', '/proc'];
const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/**
 * How a container's root is made of the machine's: its top folders as they are, `/tmp`, `/run`, `/dev` and `/proc` of its own,
 * the image's files laid over the machine's, the volumes at their paths. `visible` folders show at their own path
 * wherever they lie: the runtime and Muster itself.
 */
export function planRoot({ image, mounts, scratch }: Launch, visible: readonly string[]): Step[] {
  return withoutRepeats([
    ...machineFolders(),
    { step: 'bind', source: scratch, target: '/tmp' },
    ...visible.filter(isOwn).map((path): Step => ({ step: 'bind', source: path, target: path })),
    ...imageSteps(image.root, image.files),
    ...[...mounts].sort((a, b) => a.path.length - b.path.length).flatMap(mountSteps),
  ]);
}

function machineFolders(): Step[] {
  const own = new Set(ownFolders);
  const shared = readdirSync('/').flatMap((name): Step[] => {
    const path = `/${name}`;
    if (own.has(path)) return [];
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return [{ step: 'link', source: readlinkSync(path), target: path }];
    return stat.isDirectory() ? [{ step: 'bind', source: path, target: path }] : [];
  });
  return [
    ...shared,
    { step: 'proc', source: '', target: '/proc' },
    { step: 'tmpfs', source: '', target: '/run' },
    { step: 'tmpfs', source: '', target: '/dev' },
    { step: 'tmpfs', source: '', target: '/dev/shm' },
    ...devices.filter((name) => existsSync(`/dev/${name}`)).map((name) => asBind(`/dev/${name}`)),
    { step: 'link', source: '/proc/self/fd', target: '/dev/fd' },
    ...['stdin', 'stdout', 'stderr'].map(
      (name, fd): Step => ({ step: 'link', source: `/proc/self/fd/${fd}`, target: `/dev/${name}` }),
    ),
  ];
}

const asBind = (path: string): Step => ({ step: 'bind', source: path, target: path });
const isOwn = (path: string) => ownFolders.some((folder) => path === folder || path.startsWith(`${folder}/`));

/** The image's files over the machine's: folder by folder, the uppermost that holds files. */
function imageSteps(root: string, files: readonly string[]): Step[] {
  const folders = [...new Set(files.map((file) => posix.dirname(file)))].sort();
  const uppermost = folders.filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));
  return uppermost.flatMap((folder): Step[] => {
    const isShared = existsSync(folder) && !isOwn(folder);
    if (isShared) return [{ step: 'overlay', source: join(root, folder), target: realpathSync(folder) }];
    return mountSteps({ path: folder, real: join(root, folder), readOnly: true });
  });
}

function mountSteps({ path, real, readOnly }: { path: string; real: string; readOnly?: boolean | undefined }): Step[] {
  const { ancestor, rest } = deepestExisting(path);
  const target = posix.join(ancestor, rest);
  const bind: Step = { step: readOnly ? 'bind-ro' : 'bind', source: real, target };
  if (rest === '' || ancestor === '/' || isOwn(ancestor)) return [bind];
  return [{ step: 'replicate', source: ancestor, target: ancestor }, bind];
}

/** The part of a path that the machine has, its links followed, and what is left below it. */
function deepestExisting(path: string): { ancestor: string; rest: string } {
  const whole = posix.normalize(path);
  let ancestor = whole;
  while (!existsSync(ancestor)) ancestor = posix.dirname(ancestor);
  return { ancestor: realpathSync(ancestor), rest: posix.relative(ancestor, whole) };
}

/** A folder is replicated once, whatever number of mounts need it: a second time would hide what the first brought. */
function withoutRepeats(steps: readonly Step[]): Step[] {
  const replicated = new Set<string>();
  return steps.filter(({ step, target }) => {
    if (step !== 'replicate') return true;
    const isNew = !replicated.has(target);
    replicated.add(target);
    return isNew;
  });
}
