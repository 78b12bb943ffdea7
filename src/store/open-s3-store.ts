import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { messageOf } from '../report/errors.ts';
import type { OpenStoreOptions } from './open-store.ts';
import { connectS3 } from './s3-client.ts';
import { s3Credentials } from './s3-credentials.ts';
import type { S3Settings } from './s3-settings.ts';
import { s3Store } from './s3-store.ts';
import { sweepUploads } from './s3-sweep.ts';
import type { Store } from './store.ts';

/** Connects, and asks once, so that what is wrong shows when Muster starts and not when the first report is stored. */
export async function openS3Store(settings: S3Settings, options: OpenStoreOptions): Promise<Store> {
  const s3 = await connectS3(settings, s3Credentials(options.env, options.nowMs), options.say);
  try {
    const command = new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: s3.prefix, MaxKeys: 1 });
    await s3.ask('list', s3.prefix, (client, request) => client.send(command, request));
    // Not every server lists uploads, and not every account may; without it only space is lost.
    const sweepUnfinished = (beforeMs: number) =>
      sweepUploads(s3, beforeMs).catch((error) => {
        options.say(`what killed uploads left in the store stays there: ${messageOf(error)}`);
      });
    await sweepUnfinished(options.sweepBeforeMs);
    return { ...s3Store(s3), sweepUnfinished };
  } catch (error) {
    s3.close();
    throw error;
  }
}
