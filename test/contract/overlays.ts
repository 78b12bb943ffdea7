import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from './command.ts';

/** One of `deploy/overlays`, with the components of `deploy/components` that a person may want beside it, in their order. */
export type OverlayChoice = { readonly overlay: 'kubernetes' | 'openshift'; readonly components: readonly string[] };

/** Every component, and the combinations in which they touch one another. */
export const OVERLAY_CHOICES: readonly OverlayChoice[] = [
  { overlay: 'kubernetes', components: [] },
  { overlay: 'kubernetes', components: ['ingress'] },
  { overlay: 'kubernetes', components: ['cert-manager'] },
  { overlay: 'kubernetes', components: ['monitoring'] },
  { overlay: 'kubernetes', components: ['monitoring', 'ingress', 'cert-manager'] },
  { overlay: 'kubernetes', components: ['replicas'] },
  { overlay: 'kubernetes', components: ['s3'] },
  { overlay: 'kubernetes', components: ['replicas', 's3'] },
  { overlay: 'kubernetes', components: ['s3', 'replicas', 'proxy', 'trusted-ca'] },
  { overlay: 'openshift', components: [] },
  { overlay: 'openshift', components: ['replicas'] },
  { overlay: 'openshift', components: ['s3', 'replicas', 'proxy'] },
];

export const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;

/** The choice as a kustomization like one of docs/install.md; `use` has its folder, which is gone afterwards. */
export function withOverlay<T>({ overlay, components }: OverlayChoice, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'muster-overlay-'));
  const seen = (path: string) => relative(folder, realpathSync(join(root, 'deploy', path)));
  const kustomization = {
    resources: [seen(`overlays/${overlay}`)],
    components: components.map((name) => seen(`components/${name}`)),
    images: ['muster', 'oauth-proxy', 'openshift-cli'].map((name) => ({ name, newName: `example.com/${name}` })),
  };
  try {
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `kubectl apply -k` would send, as YAML. Throws with kubectl's words. */
export function built(choice: OverlayChoice): string {
  return withOverlay(choice, (folder) =>
    execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', maxBuffer: 16 * 2 ** 20, stdio: 'pipe' }),
  );
}
