import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type Recorder = {
  /** For `--server`: the same cluster, as its admin. */
  readonly url: string;
  /** `POST /api/v1/namespaces`: what was asked of the cluster since the last look. */
  taken(): string[];
  close(): Promise<void>;
};

/**
 * Stands between a command and the cluster, and writes down what is asked: so that "nothing was created" is seen of one
 * command alone, whoever else uses the cluster. `folder` is for its socket.
 */
export async function startRecorder(folder: string): Promise<Recorder> {
  const socketPath = join(folder, 'kubectl-proxy');
  rmSync(socketPath, { force: true });
  const proxy = spawn('kubectl', ['proxy', `--unix-socket=${socketPath}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(proxy.stdout, 'data'); // "Starting to serve"
  let lines: string[] = [];
  const server = createServer((incoming, answer) => {
    lines.push(`${incoming.method} ${incoming.url?.split('?')[0]}`);
    const { method, url, headers } = incoming;
    const onward = request(
      { socketPath, method, path: url, headers: { ...headers, host: 'localhost' } },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    onward.on('error', (error) => answer.writeHead(502).end(String(error)));
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => {
      const taken = lines;
      lines = [];
      return taken;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      proxy.kill();
      if (proxy.exitCode === null && proxy.signalCode === null) await once(proxy, 'exit');
    },
  };
}
