import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { s3Credentials } from './s3-credentials.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-secret-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (name: string) => join(folder, name);
const nowMs = () => 1_000_000;
const expiration = new Date(1_600_000);

test("Muster's own names win over AWS', and without either the SDK looks itself", async () => {
  const aws = { AWS_ACCESS_KEY_ID: 'a-id', AWS_SECRET_ACCESS_KEY: 'a-key', AWS_SESSION_TOKEN: 'a-token' };
  const own = { MUSTER_S3_ACCESS_KEY_ID: 'm-id', MUSTER_S3_SECRET_ACCESS_KEY: 'm-key' };
  expect(await s3Credentials(aws, nowMs).provide?.()).toEqual({
    accessKeyId: 'a-id',
    secretAccessKey: 'a-key',
    sessionToken: 'a-token',
    expiration,
  });
  const provided = await s3Credentials({ ...aws, ...own }, nowMs).provide?.();
  expect(provided).toEqual({ accessKeyId: 'm-id', secretAccessKey: 'm-key', expiration });
  expect(s3Credentials({}, nowMs).provide).toBeUndefined();
});

test('a Secret that changes is read again, and both its values are kept out of texts', async () => {
  await writeFile(file('id'), 'id-1\n');
  await writeFile(file('key'), 'key-1\n');
  const env = { MUSTER_S3_ACCESS_KEY_ID_FILE: file('id'), MUSTER_S3_SECRET_ACCESS_KEY_FILE: file('key') };
  const { provide, redact } = s3Credentials(env, nowMs);
  expect(await provide?.()).toMatchObject({ accessKeyId: 'id-1', secretAccessKey: 'key-1' });
  await writeFile(file('id'), 'id-2');
  await writeFile(file('key'), 'key-2');
  expect(await provide?.()).toMatchObject({ accessKeyId: 'id-2', secretAccessKey: 'key-2' });
  expect(redact('id-1 key-1 id-2 key-2 rest')).toBe('[redacted] [redacted] [redacted] [redacted] rest');
});

test('half of a pair, a value beside a file, and a file without a value are refused', async () => {
  expect(() => s3Credentials({ MUSTER_S3_ACCESS_KEY_ID: 'x' }, nowMs)).toThrow(
    expect.objectContaining({ code: 'InvalidInput' }),
  );
  const both = { MUSTER_S3_ACCESS_KEY_ID: 'x', MUSTER_S3_ACCESS_KEY_ID_FILE: file('id') };
  expect(() => s3Credentials(both, nowMs)).toThrow(expect.objectContaining({ code: 'ConflictingInput' }));
  await writeFile(file('empty'), '\n');
  const env = { MUSTER_S3_ACCESS_KEY_ID: 'x', MUSTER_S3_SECRET_ACCESS_KEY_FILE: file('empty') };
  await expect(s3Credentials(env, nowMs).provide?.()).rejects.toMatchObject({ code: 'StoreUnavailable' });
});
