// The tests' S3 in a process of its own, since the suites wait for kubectl without answering anybody meanwhile:
// `node s3-process.ts HOST` says where it is, in a line of JSON, and runs until its input ends.
import { startS3Server } from '../contract/s3-server.ts';

const { bucket, env, end } = await startS3Server(process.argv[2]);
process.stdout.write(`${JSON.stringify({ bucket, env })}\n`);
process.stdin.resume().once('end', () => {
  end().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
