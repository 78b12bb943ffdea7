// An S3 server in a process of its own: `node s3rver-process.ts DIRECTORY BUCKET` says its port and runs until it is
// ended. The package's types and its command are not in the package.
import { createRequire } from 'node:module';

type S3rver = new (options: {
  directory: string;
  port: number;
  address: string;
  silent: boolean;
  allowMismatchedSignatures: boolean;
  configureBuckets: { name: string; configs: string[] }[];
}) => { run(): Promise<{ port: number }> };

const require = createRequire(import.meta.url);
const S3rver: S3rver = require('@20minutes/s3rver');
const [, , directory = '', bucket = ''] = process.argv;
const { port } = await new S3rver({
  directory,
  port: 0,
  address: '127.0.0.1',
  silent: true,
  // It computes other signatures than the AWS SDK for some of its requests.
  allowMismatchedSignatures: true,
  configureBuckets: [{ name: bucket, configs: [] }],
}).run();
process.stdout.write(`${port}\n`);
