import { expect, test } from 'vitest';
import { isS3Location, s3Settings } from './s3-settings.ts';

test('the location names bucket and prefix, the environment the rest', () => {
  expect(s3Settings('s3://reports/muster', {})).toEqual({
    bucket: 'reports',
    prefix: 'muster',
    proxy: {},
    region: 'us-east-1',
    isPathStyle: false,
  });
  const env = {
    AWS_ENDPOINT_URL: 'https://third',
    AWS_ENDPOINT_URL_S3: 'https://second',
    AWS_DEFAULT_REGION: 'third',
    AWS_REGION: 'second',
  };
  expect(s3Settings('s3://reports/a/b.c/', env)).toEqual({
    bucket: 'reports',
    prefix: 'a/b.c',
    proxy: {},
    region: 'second',
    endpoint: 'https://second',
    isPathStyle: true,
  });
  const own = {
    MUSTER_S3_ENDPOINT: 'http://minio:9000',
    MUSTER_S3_REGION: 'first',
    MUSTER_S3_PATH_STYLE: 'false',
    MUSTER_S3_CA_FILE: '/ca.crt',
  };
  expect(s3Settings('s3://reports/a', { ...env, ...own })).toMatchObject({
    region: 'first',
    endpoint: 'http://minio:9000',
    isPathStyle: false,
    caFile: '/ca.crt',
  });
});

test('only what begins with s3:// is a bucket', () => {
  expect(['s3://a/b', 's3:/a', '/s3://a', 'S3://a/b'].map(isS3Location)).toEqual([true, false, false, false]);
});

test.each([
  's3://',
  's3://bucket',
  's3://bucket/',
  's3://Bucket/prefix',
  's3://b/prefix',
  's3://bucket//prefix',
  's3://bucket/a//b',
  's3://bucket/../other',
  's3://bucket/a/../b',
  's3://bucket/.hidden',
  's3://bucket/a b',
  's3://bucket/a?x',
  's3://user:pass@bucket/a',
])('%s is refused', (location) => {
  expect(() => s3Settings(location, {})).toThrow(expect.objectContaining({ code: 'InvalidInput', field: '--store' }));
});

test.each([
  ['MUSTER_S3_ENDPOINT', 'minio:9000'],
  ['MUSTER_S3_ENDPOINT', 'ftp://minio'],
  ['MUSTER_S3_ENDPOINT', 'https://user:canary@minio'],
  ['MUSTER_S3_ENDPOINT', 'https://minio?canary'],
  ['MUSTER_S3_PATH_STYLE', 'yes'],
])('%s=%s is refused by its name', (field, value) => {
  const settings = () => s3Settings('s3://bucket/a', { [field]: value });
  expect(settings).toThrow(expect.objectContaining({ code: 'InvalidInput', field }));
  expect(settings).not.toThrow(/canary/);
});
