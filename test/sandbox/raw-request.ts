import { request } from 'node:https';
import { parse } from 'yaml';
import type { Sandbox } from '../../sandbox/server.ts';

export type RawRequest = {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: string | Buffer;
};
export type RawAnswer = { readonly status: number; readonly body: unknown };

/** Sends any bytes as the sandbox's administrator: for formats that Muster's own client does not speak. */
export function rawRequest(sandbox: Sandbox, { method, path, type, body }: RawRequest): Promise<RawAnswer> {
  const { clusters, users } = parse(sandbox.kubeconfig);
  const pem = (base64: string) => Buffer.from(base64, 'base64');
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
  const tls = { ca: pem(clusters[0].cluster['certificate-authority-data']), cert: pem(cert), key: pem(key) };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${sandbox.server}${path}`,
      { ...tls, method, headers: { 'content-type': type } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
