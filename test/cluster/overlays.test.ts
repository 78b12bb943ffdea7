import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../contract/command.ts';
import { built, OVERLAY_CHOICES } from '../contract/overlays.ts';
import { ask, expectYes, must, type Said } from './deployment.ts';

// Whether an API server takes what the overlays come to, by a dry run: nothing is installed but the namespace, and the kinds
// of OpenShift, cert-manager and the Prometheus operator where the cluster has none.

const CRDS = join(import.meta.dirname, 'overlay-crds');
const LABEL = 'muster.dev/test=overlays';

beforeAll(() => {
  removeWorld(); // what a killed run left
  if (ask(['get', 'namespace', 'muster']).ok) throw new Error('there is a namespace muster in this cluster already');
  // Where the real kinds are, the overlays are tried against those.
  const served = new Set(must(['api-resources', '--no-headers', '-o', 'name']).split('\n'));
  const missing = readdirSync(CRDS)
    .map((name) => join(CRDS, name))
    .filter((file) => !served.has(parse(readFileSync(file, 'utf8')).metadata.name));
  for (const file of missing) {
    must(['create', '-f', file]);
    must(['wait', '--for=condition=Established', '--timeout=60s', '-f', file]);
  }
  must(['apply', '-f', join(root, 'deploy/base/namespace.yaml')]);
  must(['label', 'namespace', 'muster', LABEL]);
  if (ask(['get', 'namespace', 'openshift-monitoring']).ok) return;
  const metadata = { name: 'openshift-monitoring', labels: Object.fromEntries([LABEL.split('=')]) };
  must(['create', '-f', '-'], { input: { apiVersion: 'v1', kind: 'Namespace', metadata } });
});
afterAll(removeWorld);

function removeWorld(): void {
  must(['delete', 'crd,namespaces', '-l', LABEL, '--timeout=90s']);
}

test.each(OVERLAY_CHOICES.map((choice) => [[choice.overlay, ...choice.components].join(' + '), choice] as const))(
  '%s is to the cluster’s liking, and warns of nothing',
  (_, choice) => {
    const input = built(choice);
    expect(input.match(/^kind: /gm)?.length).toBeGreaterThan(20);
    const said = applied(input);
    expectYes(said);
    expect(said.text).not.toMatch(/warning/i);
  },
);

test('a word that a kind does not have is refused', () => {
  const wrong = built({ overlay: 'openshift', components: [] }).replace('termination: reencrypt', 'termination: again');
  expect(applied(wrong).ok).toBe(false);
  const unknown = built({ overlay: 'kubernetes', components: ['monitoring'] }).replace('serverName:', 'servername:');
  expect(applied(unknown).ok).toBe(false);
});

function applied(input: string): Said {
  const args = ['apply', '--dry-run=server', '-f', '-'];
  const { status, stdout, stderr } = spawnSync('kubectl', args, { input, encoding: 'utf8', timeout: 120_000 });
  return { ok: status === 0, text: `${stdout}${stderr}` };
}
