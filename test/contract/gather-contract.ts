import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { namespaces, nodes, pods } from '../../src/kube/kinds.ts';
import { archiveIn, start as begin, muster as run, scratch, untar } from './command.ts';
import { gatherPods, leftovers, nothingLeft } from './made.ts';
import type { World } from './world.ts';

export type GatherContract = {
  readonly open: () => Promise<World>;
  /** Containers run as a root of their own, who may read every file; else one that nobody may read is left out. */
  readonly hasOwnRoot: boolean;
  /** An image brings its own programs, so one may be missing in it. */
  readonly hasOwnPrograms: boolean;
};

/** What `muster gather` does on every Kubernetes, real or not: the real command, real pods, real bytes. */
export function gatherContract(name: string, { open, hasOwnRoot, hasOwnPrograms }: GatherContract): void {
  describe(`muster gather on ${name}`, () => {
    let world: World;
    let folder = '';
    let removeFolder: () => Promise<void>;
    const image = (imageName: string) => world.image(imageName);
    const muster = (args: readonly string[], cwd: string) => run(args, cwd, world.env);
    const start = (args: readonly string[], cwd: string) => begin(args, cwd, world.env);

    beforeAll(async () => {
      world = await open();
    });
    beforeEach(async () => {
      const made = await scratch();
      folder = made.folder;
      removeFolder = made.remove;
    });
    afterEach(async () => {
      await removeFolder();
      expect(await leftovers(world.kube)).toEqual([]);
    });
    afterAll(async () => {
      expect(await nothingLeft(world.kube)).toBe(true);
      await world.close();
    });

    async function onlyGather(): Promise<{ top: string; gather: string }> {
      const top = await untar(await archiveIn(folder), folder);
      const [gather = ''] = await gatherFolders(top);
      return { top, gather };
    }

    test('a good gather: exit 0, byte for byte what was in the pod, in the layout of oc', async () => {
      const { exitCode, stdout } = await muster(['gather', '--image', image('good'), '--since', '90m'], folder);
      expect(exitCode, stdout).toBe(0);
      const archive = await archiveIn(folder);
      execFileSync('gunzip', ['-t', archive]);
      const { top, gather } = await onlyGather();
      // The gather itself wrote down the digest of each of its files.
      execFileSync('sha256sum', ['--quiet', '-c', 'SHA256SUMS'], { cwd: gather });
      const logs = join(gather, 'namespaces/shop/pods/web-1/web/web/logs');
      expect(readlinkSync(join(logs, 'latest.log'))).toBe('current.log');
      expect(lstatSync(join(logs, 'linked.log')).ino).toBe(lstatSync(join(logs, 'current.log')).ino);
      expect(existsSync(join(gather, 'empty-folder'))).toBe(true);
      expect(readFileSync(join(gather, 'asked.txt'), 'utf8')).toMatch(
        /^since=1h30m0s since_time= node=node-\d pod=must-gather-/,
      );
      expect(readFileSync(join(gather, 'gather.logs'), 'utf8')).toMatch(/^\S+Z gathered everything\n$/);
      expect(readFileSync(join(top, 'timestamp'), 'utf8').trim().split('\n')).toHaveLength(2);
      expect(readFileSync(join(top, 'event-filter.html'), 'utf8')).toContain(
        'Back-off restarting failed container &#60;web&#62;',
      );
      expect(readFileSync(join(top, 'must-gather.logs'), 'utf8')).toContain(`Using gather images: ${image('good')}`);
    });

    test('what the archive is called, what verify and view say of it, and --output json', async () => {
      const { exitCode, stdout } = await muster(['gather', '--image', image('good'), '--output', 'json'], folder);
      expect(exitCode).toBe(0);
      const result = JSON.parse(stdout);
      expect(result).toMatchObject({
        phase: 'Completed',
        exitCode: 0,
        gathers: [{ name: 'good', phase: 'Done', exitCode: 0 }],
      });
      const archive = await archiveIn(folder);
      expect(archive).toMatch(/must-gather\.local\.\d{8}T\d{6}Z\.[a-z0-9]+\.tar\.gz$/);
      const digest = execFileSync('sha256sum', [archive], { encoding: 'utf8' }).split(' ')[0];
      expect(result.archive).toMatchObject({ file: archive, sha256: digest });
      const verified = await muster(['verify', archive], folder);
      expect(verified).toMatchObject({ exitCode: 0 });
      expect(verified.stdout).toContain(`sha256:${digest}`);
      const listed = await muster(['view', archive], folder);
      const path =
        listed.stdout
          .split('\n')
          .find((line) => line.endsWith('/version'))
          ?.split('  ')
          .at(-1) ?? '';
      expect(await muster(['view', archive, path], folder)).toMatchObject({
        exitCode: 0,
        stdout: 'muster-test/good\n1.2.3-test\n',
      });
    });

    test('--dest-dir gives the tree that oc gives', async () => {
      const { exitCode } = await muster(['gather', `--image=${image('good')}`, '--dest-dir', 'out'], folder);
      expect(exitCode).toBe(0);
      const out = join(folder, 'out');
      expect((await readdir(out)).filter((name) => !name.includes('sha256'))).toEqual(
        expect.arrayContaining(['event-filter.html', 'must-gather.logs', 'timestamp']),
      );
      const [gather = ''] = await gatherFolders(out);
      execFileSync('sha256sum', ['--quiet', '-c', 'SHA256SUMS'], { cwd: gather });
    });

    test('a timeout keeps what was gathered, and is partial', async () => {
      const begun = Date.now();
      const { exitCode, stdout } = await muster(['gather', '--image', image('slow'), '--timeout', '8s'], folder);
      expect(exitCode, stdout).toBe(4);
      expect(stdout).toContain('stopped at the deadline');
      expect(Date.now() - begun).toBeLessThan(60_000);
      const { gather } = await onlyGather();
      expect(readFileSync(join(gather, 'first.txt'), 'utf8')).toBe('first half\n');
      expect(existsSync(join(gather, 'second.txt'))).toBe(false);
    });

    test("the gather's own exit code is told, and its data kept", async () => {
      const { exitCode, stdout } = await muster(['gather', '--image', image('exit3')], folder);
      expect(exitCode).toBe(4);
      expect(stdout).toMatch(/✖ exit3 +exit code 3: ceph not reachable .*\(kept\)/);
      const { gather } = await onlyGather();
      expect(readFileSync(join(gather, 'half.txt'), 'utf8')).toBe('half of it\n');
    });

    // It writes 1 % of what is free, which is most of a gigabyte here.
    test('a gather that fills its disk is stopped at its own limit, and what it wrote is kept', {
      timeout: 180_000,
    }, async () => {
      const { exitCode, stdout } = await muster(
        ['gather', '--image', image('filler'), '--volume-percentage', '1'],
        folder,
      );
      expect(exitCode, stdout).toBe(4);
      expect(stdout).toContain("more than its share of the node's disk");
      const { gather } = await onlyGather();
      expect((await readdir(gather)).filter((name) => name.startsWith('block-')).length).toBeGreaterThan(1);
    });

    // Mounting needs root; elsewhere the check before the run is all that is tested.
    test.skipIf(process.getuid?.() !== 0)(
      "this machine's disk fills on the way: one line, exit 1, nothing left",
      async () => {
        const small = join(folder, 'small');
        mkdirSync(small);
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=70m', 'tmpfs', small]);
        try {
          const write = 'head -c 150000000 /dev/urandom > /must-gather/noise';
          const { exitCode, stderr } = await muster(['gather', '--image', image('good'), '--', write], small);
          expect(exitCode, stderr).toBe(1);
          expect(stderr).toMatch(
            /^muster: cannot write .*(ENOSPC|full).*\. Make room there, or choose another destination\.\n$/,
          );
          expect(await readdir(small)).toEqual([]);
        } finally {
          execFileSync('umount', [small]);
        }
      },
    );

    test('a log line of 1 MB', async () => {
      const { exitCode } = await muster(['gather', '--image', image('longline')], folder);
      expect(exitCode).toBe(0);
      const { gather } = await onlyGather();
      const lines = readFileSync(join(gather, 'gather.logs'), 'utf8').trimEnd().split('\n');
      expect(lines.map((line) => line.slice(line.indexOf(' ') + 1).length)).toEqual([6, 1_000_000, 5]);
    });

    test('a hostile tree: nothing escapes, nothing hangs, the archive is whole', async () => {
      const { exitCode, stdout } = await muster(['gather', '--image', image('hostile')], folder);
      expect(exitCode, stdout).toBe(hasOwnRoot ? 0 : 4);
      const archive = await archiveIn(folder);
      expect(await muster(['verify', archive], folder)).toMatchObject({ exitCode: 0 });
      const names = execFileSync('tar', ['-tzf', archive, '--quoting-style=escape'], { encoding: 'utf8' })
        .trim()
        .split('\n');
      expect(names.filter((name) => name.startsWith('/') || name.split('/').includes('..'))).toEqual([]);
      const { top, gather } = await onlyGather();
      expect(readdirOf(gather)).toEqual(
        expect.arrayContaining([
          'inner-link',
          'new\nline',
          'right\u202eto-left',
          '-rf --checkpoint-action=exec=sh',
          'sparse',
          'hard-2',
        ]),
      );
      expect(existsSync(join(gather, 'absolute-link'))).toBe(false);
      if (hasOwnRoot) {
        // By view, not from the folder: who unpacked it may not be root.
        const viewed = await muster(['view', archive, join(basename(gather), 'unreadable')], folder);
        expect(viewed).toMatchObject({ exitCode: 0, stdout: 'secret' });
      }
      expect(readFileSync(join(top, 'must-gather.logs'), 'utf8')).toContain('climbing-link');
    });

    test.skipIf(!hasOwnPrograms)(
      'an image without tar: a clear word, the log is kept, and the fallback brings what it can',
      async () => {
        const { exitCode, stdout } = await muster(['gather', '--image', image('notar')], folder);
        expect(exitCode, stdout).toBe(1);
        expect(stdout).toContain('the gather image has no tar');
        const { top, gather } = await onlyGather();
        expect(readFileSync(join(gather, 'gather.logs'), 'utf8')).toContain('no tar here: none');
        expect((await readdir(top)).some((name) => name.startsWith('inspect.local.'))).toBe(true);
      },
    );

    test('an image that leaves one tar of its own: unfolded', async () => {
      const { exitCode } = await muster(['gather', '--image', image('lonetar')], folder);
      expect(exitCode).toBe(0);
      const { gather } = await onlyGather();
      expect(readFileSync(join(gather, 'namespaces/shop/plan.yaml'), 'utf8')).toBe('plan\n');
      expect(existsSync(join(gather, 'must-gather.tar.gz'))).toBe(false);
    });

    test('events of kind List, broken YAML and markup in messages do not break the event page', async () => {
      const { exitCode } = await muster(['gather', '--image', image('eventlist')], folder);
      expect(exitCode).toBe(0);
      const { top } = await onlyGather();
      const page = readFileSync(join(top, 'event-filter.html'), 'utf8');
      expect(page).toContain('FailedMount');
      expect(page).not.toContain('<script>alert(1)');
    });

    test('two images at once: one good, one failed; both are in the archive', async () => {
      const { exitCode, stdout } = await muster(['gather', '--image', `${image('good')},${image('exit3')}`], folder);
      expect(exitCode, stdout).toBe(4);
      const { top } = await onlyGather();
      expect(await gatherFolders(top)).toHaveLength(2);
    });

    test('the same image twice in two folders: gathers never share one', async () => {
      const twice = ['--image', image('good'), '--node-selector', 'kubernetes.io/os=linux'];
      const { exitCode, stdout } = await muster(['gather', ...twice], folder);
      expect(exitCode, stdout).toBe(0);
      const top = await untar(await archiveIn(folder), folder);
      for await (const { metadata } of world.kube.list(nodes)) {
        const node = metadata.name ?? '';
        const [gather = ''] = await gatherFolders(join(top, node));
        expect(readFileSync(join(gather, 'asked.txt'), 'utf8')).toContain(`node=${node} `);
      }
    });

    test('a command of one own, run the same in every image: quotes, variables, tabs', async () => {
      const command = ['A=1', '&&', 'printf', "'%s|%s\\n'", '"$A"', "'$HOME\ttab'", '>', '/must-gather/said.txt'];
      const { exitCode } = await muster(['gather', '--image', image('good'), '--', ...command], folder);
      expect(exitCode).toBe(0);
      const { gather } = await onlyGather();
      expect(readFileSync(join(gather, 'said.txt'), 'utf8')).toBe('1|$HOME\ttab\n');
    });

    test('an image that cannot be pulled: failed, with the reason, and the fallback inspection', async () => {
      const { exitCode, stdout } = await muster(['gather', '--image', image('absent'), '--timeout', '20s'], folder);
      expect(exitCode, stdout).toBe(1);
      expect(stdout).toContain('unable to pull image');
      const top = await untar(await archiveIn(folder), folder);
      expect((await readdir(top)).some((name) => name.startsWith('inspect.local.'))).toBe(true);
    });

    describe('interrupted', () => {
      test('a pod deleted half way: partial, with what was copied before', async () => {
        const running = start(['gather', '--image', image('slow'), '--timeout', '2m'], folder);
        await untilRunning();
        await new Promise((resolve) => setTimeout(resolve, 8_000)); // two looks, so that first.txt has settled
        for (const { metadata } of await gatherPods(world.kube)) {
          await world.kube.remove(pods, metadata.name ?? '', { namespace: metadata.namespace });
        }
        const { exitCode, stdout } = await running.ended;
        expect(exitCode, stdout).toBe(4);
        const { gather } = await onlyGather();
        expect(readFileSync(join(gather, 'first.txt'), 'utf8')).toBe('first half\n');
      });

      test('Ctrl-C: exit 130, nothing left, what was copied is kept', async () => {
        const running = start(['gather', '--image', image('slow')], folder);
        await untilRunning();
        await new Promise((resolve) => setTimeout(resolve, 8_000));
        running.child.kill('SIGINT');
        const { exitCode, stdout } = await running.ended;
        expect(exitCode, stdout).toBe(130);
        const { gather } = await onlyGather();
        expect(readFileSync(join(gather, 'first.txt'), 'utf8')).toBe('first half\n');
        expect((await readdir(folder)).filter((name) => name.includes('.partial'))).toEqual([]);
      });

      test('Ctrl-C with a run namespace: the pod is deleted too', async () => {
        const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
        await world.kube.create(namespaces, { metadata: { name: 'muster-run-here', labels } });
        try {
          const running = start(['gather', '--image', image('slow'), '--run-namespace', 'muster-run-here'], folder);
          await untilRunning();
          running.child.kill('SIGINT');
          expect((await running.ended).exitCode).toBe(130);
          const podsThere = () => Array.fromAsync(world.kube.list(pods, { namespace: 'muster-run-here' }));
          await expect.poll(podsThere, { timeout: 60_000 }).toEqual([]);
        } finally {
          await world.kube.remove(namespaces, 'muster-run-here');
        }
      });

      test('kill -9, then a second run: it is clean, and sweeps what the first left', async () => {
        const running = start(['gather', '--image', image('slow')], folder);
        await untilRunning();
        running.child.kill('SIGKILL');
        await running.ended;
        expect(await leftovers(world.kube)).not.toEqual([]);
        const { exitCode, stdout } = await muster(['gather', '--image', image('good')], folder);
        expect(exitCode, stdout).toBe(0);
        expect(stdout).toContain('left behind by a run that was killed');
        expect((await readdir(folder)).filter((name) => name.includes('.partial'))).toEqual([]);
      });

      /** Until a pod runs that is not on its way out: those of the test before may still be there. */
      async function untilRunning(): Promise<void> {
        const running = async () => (await gatherPods(world.kube)).some(({ status }) => status?.phase === 'Running');
        await expect.poll(running, { timeout: 60_000, interval: 300 }).toBe(true);
      }
    });
  });
}

/** The folder of a gather below the top folder: the one that holds its log. */
async function gatherFolders(top: string): Promise<string[]> {
  const names = await readdir(top);
  return names.filter((name) => existsSync(join(top, name, 'gather.logs'))).map((name) => join(top, name));
}

function readdirOf(path: string): string[] {
  return execFileSync('find', ['.', '-mindepth', '1', '-maxdepth', '1', '-printf', '%P\\0'], {
    cwd: path,
    encoding: 'utf8',
  }).split('\0');
}
