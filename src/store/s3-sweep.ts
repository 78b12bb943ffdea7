import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
} from '@aws-sdk/client-s3';
import { or, type S3 } from './s3-client.ts';

/** Aborts the uploads below the prefix that were begun before then: a killed process's, whose parts cost money. */
export async function sweepUploads(s3: S3, beforeMs: number): Promise<void> {
  for await (const { Key, UploadId, Initiated } of uploadsBelow(s3)) {
    if (!Key?.startsWith(s3.prefix) || !UploadId || !Initiated || Initiated.getTime() >= beforeMs) continue;
    const command = new AbortMultipartUploadCommand({ Bucket: s3.bucket, Key, UploadId });
    // Another replica sweeps, too.
    const abort = or('gone', 'NoSuchUpload', (client, options) => client.send(command, options));
    await s3.ask('abort the upload of', Key, abort);
  }
}

async function* uploadsBelow(s3: S3): AsyncGenerator<MultipartUpload> {
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    const command = new ListMultipartUploadsCommand({
      Bucket: s3.bucket,
      Prefix: s3.prefix,
      KeyMarker: page?.NextKeyMarker,
      UploadIdMarker: page?.NextUploadIdMarker,
    });
    page = await s3.ask('list uploads of', s3.prefix, (client, options) => client.send(command, options));
    yield* page.Uploads ?? [];
  } while (page.IsTruncated && page.NextKeyMarker);
}
