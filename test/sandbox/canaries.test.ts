import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentedOperations } from '../../src/server/documented.ts';
import { configMaps } from './access-world.ts';
import { askOver, type Caller, type CanaryWorld, S3_IDENTITY, type Serving, startCanaryWorld } from './canary-world.ts';
import { bin } from './service-world.ts';

describe('tokens and secrets of a service with packers, S3 and another cluster', () => {
  let world: CanaryWorld;
  let ca = '';
  let looking: Promise<void>;
  let isOver = false;
  beforeAll(async () => {
    world = await startCanaryWorld();
    const lookAgainAndAgain = async () => {
      while (!isOver) {
        await world.lookAround();
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    looking = lookAgainAndAgain();
  }, 60_000);
  afterAll(async () => {
    isOver = true;
    await looking;
    await world.close();
  }, 60_000);

  const ask = async (service: Serving, path: string, headers: Caller, method = 'GET', body?: object) => {
    const answer = await askOver({ url: service.url + path, ca, headers, method, body });
    world.search.look(`the answer to ${method} ${path}`, answer.text);
    world.search.look(`the headers of ${method} ${path}`, answer.head);
    return answer;
  };
  const report = async (service: Serving, name: string, request: object) => {
    const asked = await ask(service, '/must-gather', world.callers.good, 'POST', { 'custom-name': name, ...request });
    expect(asked.status, asked.text).toBe(201);
    return name;
  };
  const ended = async (service: Serving, name: string) => {
    const lateAtMs = Date.now() + 60_000;
    for (;;) {
      const { text } = await ask(service, `/must-gather/${name}`, world.callers.good);
      const body = JSON.parse(text) as Record<string, unknown>;
      if (body.status === 'completed' || body.status === 'error') return body;
      if (Date.now() > lateAtMs) throw new Error(`still ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  /** `muster report` as a person runs it, with the token in its environment. */
  const muster = async (service: Serving, token: string, ...args: string[]) => {
    const caFile = join(world.folder, 'ca.crt');
    await writeFile(caFile, ca);
    const child = spawn(process.execPath, [bin, 'report', ...args, '--url', service.url, '--ca-file', caFile], {
      env: { ...process.env, MUSTER_TOKEN: token, TMPDIR: world.temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => world.search.look('what muster report says', bytes));
    }
    const [exitCode] = await once(child, 'close');
    return exitCode as number;
  };

  it('are nowhere after all that callers do', { timeout: 120_000 }, async () => {
    const service = await world.serve(world.bucket, world.s3Env);
    const secret = await world.tlsSecret();
    ca = Buffer.from(secret['ca.crt'] ?? '', 'base64').toString();
    world.addKeys(secret);
    // First, while nobody has tried so many bad tokens that all have to wait.
    expect(await muster(service, world.tokens.bad, 'list')).not.toBe(0);
    let complaints = 0;
    world.s3.fault = ({ method, key }) => {
      // As S3 does: it repeats what it was told.
      if (method !== 'PUT' || !key.startsWith('reports/logs/') || complaints > 2) return undefined;
      complaints += 1;
      const message = `not signed by ${Object.values(S3_IDENTITY).join(', ')}`;
      return { instead: { status: 403, code: 'SignatureDoesNotMatch', message } };
    };
    const names = await Promise.all([
      report(service, 'packed', { components: ['cluster'] }),
      report(service, 'inspected', {
        image: 'sample.invalid/migration/must-gather:2.11',
        command: 'muster inspect --dest-dir /must-gather ns/openshift-mtv && muster inspect secrets -A',
      }),
      report(service, 'elsewhere', { server: world.other.server, image: 'sample.invalid/migration/must-gather:2.11' }),
      report(service, 'nowhere', { server: 'https://elsewhere.example:6443' }),
    ]);
    const operations = documentedOperations().filter(({ path }) => path !== '/events');
    for (const caller of Object.values(world.callers)) {
      for (const { path, method } of operations) {
        if (caller === world.callers.good && method !== 'GET') continue;
        await ask(service, path.replace('{key}', 'packed').replace('{path}', 'top'), caller, method);
      }
    }
    await ask(service, `/must-gather?access_token=${world.tokens.good}`, world.callers.good);
    await ask(service, '/nothing-here', world.callers.good);
    await ask(service, '/must-gather', world.callers.good, 'POST', { token: world.tokens.good, timeout: 'soon' });
    const ends = await Promise.all(names.map((name) => ended(service, name)));
    expect(ends.map(({ phase }) => phase)).toEqual(['Completed', 'Completed', 'Completed', 'Failed']);
    expect(complaints).toBe(3);
    for (const name of names) {
      await ask(service, `/must-gather/${name}/data`, world.callers.good);
      await ask(service, `/must-gather/${name}/logs`, world.callers.good);
    }
    expect(await muster(service, world.tokens.good, 'logs', 'packed')).toBe(0);
    await ask(service, '/must-gather?exec-output=true', world.callers.good);
    await ask(service, '/metrics', world.callers.good);
    await ask(service, '/must-gather/inspected', world.callers.good, 'DELETE');
    await service.stop();
    await world.lookAround();
    expect(world.search.found()).toEqual([]);
  });

  it('are nowhere in a store that is a folder, where all comes through exec', { timeout: 60_000 }, async () => {
    const kept = join(world.folder, 'kept');
    const service = await world.serve(kept, {}, false);
    ca = await readFile(join(kept, 'tls', 'ca.crt'), 'utf8');
    const keys = join(kept, 'tls', 'muster-tls.json');
    world.addKeys(JSON.parse(await readFile(keys, 'utf8')));
    expect((await stat(keys)).mode & 0o077).toBe(0);
    await report(service, 'again', { image: 'sample.invalid/migration/must-gather:2.11', command: 'echo again' });
    expect(await ended(service, 'again')).toMatchObject({ phase: 'Completed' });
    await service.stop();
    await world.lookAround();
    expect(world.search.found()).toEqual([]);
  });

  it('would have been found: it was looked everywhere, and what is planted is found', { timeout: 60_000 }, async () => {
    const { search } = world;
    const places = search.places();
    for (const wanted of [
      /^the server's log$/,
      /^the arguments of a process$/,
      /^mustgatherreports default\//,
      /^what was stored in S3 as reports\/archives\/.*, unpacked$/,
      /^file .*\/containers\/gather\/.*\/log$/,
      /^file .*\/containers\/pack\/.*\/log$/,
      /^file .*\/kept\/objects\/archives\/.*, unpacked$/,
    ]) {
      expect(
        places.some((place) => wanted.test(place)),
        String(wanted),
      ).toBe(true);
    }
    const { good } = world.tokens;
    await world.kube.create(
      configMaps,
      { metadata: { name: 'planted' }, data: { of: good } },
      { namespace: 'default' },
    );
    await mkdir(join(world.temporary, 'planted'));
    await writeFile(join(world.temporary, 'planted', 'one'), Buffer.from(`x${good}`).toString('base64'));
    await writeFile(join(world.temporary, 'planted', 'two.gz'), gzipSync(S3_IDENTITY.MUSTER_S3_SECRET_ACCESS_KEY));
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 30000)', good], { stdio: 'ignore' });
    await world.lookAround();
    child.kill('SIGKILL');
    const folder = join(world.temporary, 'planted');
    expect(search.found()).toEqual([
      `MUSTER_S3_SECRET_ACCESS_KEY in file ${folder}/two.gz, unpacked`,
      'good token in configmaps default/planted',
      `good token in file ${folder}/one`,
      'good token in the arguments of a process',
      'some token in configmaps default/planted',
      'some token in the arguments of a process',
    ]);
  });
});
