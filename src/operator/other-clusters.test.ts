import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendJson, startServer, type TestServer } from '../kube/test-server.ts';
import { validateSpec } from '../report/spec.ts';
import { createOtherClusters } from './other-clusters.ts';

const KNOWN = 'https://api.known.example:6443';
const kubeconfig = `clusters: [{name: k, cluster: {server: "${KNOWN}"}}]
users: [{name: u, user: {token: canary}}]
contexts: [{name: c, context: {cluster: k, user: u}}]
current-context: c`;

/** Ways to write this machine, the cloud's metadata and the known cluster, so that a careless check takes one for another. */
function addresses(port: number): string[] {
  const hosts = [
    ...[
      '127.0.0.1',
      '127.1',
      '127.0.1',
      '2130706433',
      '0x7f000001',
      '0x7f.1',
      '0177.0.0.1',
      '017700000001',
      '0',
      '0.0.0.0',
    ],
    ...[
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[0:0:0:0:0:0:0:1]',
      '[::127.0.0.1]',
      'localhost',
      'LOCALHOST',
    ],
    ...['localhost.', '127.0.0.1.', '127.0.0.1.nip.io', 'localtest.me', '①②⑦.⓪.⓪.①', '127。0。0。1', '169.254.169.254'],
    ...[
      '[fd00:ec2::254]',
      '0xa9fea9fe',
      '2852039166',
      '[::ffff:a9fe:a9fe]',
      'metadata.google.internal',
      'kubernetes.default.svc',
    ],
  ];
  const known = KNOWN.slice('https://'.length);
  return [
    ...hosts.map((host) => `https://${host}:${port}`),
    ...['http://', 'HTTPS://', 'ftp://', 'file://', 'gopher://', 'unix:', '//', ''].map(
      (scheme) => `${scheme}127.0.0.1:${port}`,
    ),
    ...[
      `https://${known}@127.0.0.1:${port}`,
      `https://user:pw@127.0.0.1:${port}`,
      `https://127.0.0.1:${port}#${known}`,
    ],
    ...[
      `https://127.0.0.1:${port}?x=${known}`,
      `https://127.0.0.1:${port}/${known}`,
      `https://127.0.0.1:${port}\\@${known}`,
    ],
    ...[
      `https://${known}.evil.example`,
      `${KNOWN}0`,
      `${KNOWN}/other`,
      `${KNOWN}/../..//x`,
      `${KNOWN}%2f`,
      `${KNOWN}\n`,
      ` ${KNOWN}`,
    ],
    ...[
      'https://',
      'https:///',
      'https://:6443',
      'https://.',
      'https://api.known.example',
      'https://api.known.example:6444',
    ],
    ...[
      'https://api.known.example:06443x',
      'https://[',
      'https://%00',
      'javascript:alert(1)',
      'data:,x',
      '{{env}}',
      '$(id)',
    ],
  ];
}

describe('the address of another cluster', () => {
  let api: TestServer;
  let trap: Server;
  let connections = 0;
  beforeAll(async () => {
    const secret = (name: string, text: string) => ({
      metadata: { name, resourceVersion: '1' },
      data: { kubeconfig: btoa(text) },
    });
    const items = [secret('broken', 'no kubeconfig'), secret('known', kubeconfig)];
    api = await startServer((_request, response) => sendJson(response, { metadata: {}, items }));
    trap = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => trap.listen(0, resolve));
  });
  afterAll(async () => {
    await api.close();
    await new Promise((resolve) => trap.close(resolve));
  });

  it('is refused in the request, or is not known: nobody is spoken to, however it is written', async () => {
    const clusters = createOtherClusters(api.kube(), 'muster');
    const port = (trap.address() as { port: number }).port;
    const all = addresses(port);
    expect(all.length).toBeGreaterThan(60);
    let passed = 0;
    for (const server of all) {
      const taken = refusalOf(() => validateSpec({ server }));
      if (taken !== undefined) expect(taken, server).toMatchObject({ code: 'InvalidInput' });
      else {
        passed += 1;
        await expect(clusters.at(server), server).rejects.toMatchObject({ code: 'NotFound' });
      }
    }
    expect(passed).toBeGreaterThan(20);
    expect(connections).toBe(0);
    await clusters.close();
  });

  it('is told with the Secrets that cannot be used', async () => {
    const clusters = createOtherClusters(api.kube(), 'muster');
    await expect(clusters.at('https://other.example:6443')).rejects.toThrow(
      /labelled muster.dev\/cluster has it; Secret broken: /,
    );
  });

  it.each([KNOWN, `${KNOWN}/`, 'https://API.Known.example:6443'])('is known as %s', async (server) => {
    const clusters = createOtherClusters(api.kube(), 'muster');
    expect((await clusters.at(server)).server).toBe(KNOWN);
    await clusters.close();
  });
});

function refusalOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
