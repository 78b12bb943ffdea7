import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeAddress } from './kill-service.ts';

/** A bucket on this machine that pods of the cluster reach. */
export type Bucket = {
  /** What the Secret `muster-s3` of `deploy/components/s3` holds. */
  readonly secret: Readonly<Record<string, string>>;
  /** The keys of all objects with this in them. */
  keysWith(part: string): Promise<string[]>;
  end(): Promise<void>;
};

const PREFIX = 'reports';

export async function openBucket(): Promise<Bucket> {
  const program = fileURLToPath(new URL('./s3-process.ts', import.meta.url));
  const child = spawn(process.execPath, [program, nodeAddress()], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(30_000) })) as [string];
  const { bucket, env } = JSON.parse(line) as { bucket: string; env: Record<string, string> };
  return {
    secret: { ...env, MUSTER_STORE: `s3://${bucket}/${PREFIX}` },
    keysWith: async (part) => {
      const asked = new URL(`/${bucket}?list-type=2&prefix=${PREFIX}`, env.MUSTER_S3_ENDPOINT);
      const answer = await fetch(asked, { signal: AbortSignal.timeout(10_000) });
      if (!answer.ok) throw new Error(`the bucket answered ${answer.status}`);
      const keys = [...(await answer.text()).matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
      return keys.filter((key) => key.includes(part));
    },
    end: async () => {
      const ended = once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
      child.stdin.end();
      await ended;
    },
  };
}
