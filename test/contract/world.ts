import type { Kube } from '../../src/kube/kube.ts';

/** A cluster, real or not, that a contract is held against. */
export type World = {
  /** What the command needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  readonly kube: Kube;
  /** A gather image of `test/images`, as this cluster knows it; throws for one that it cannot have. */
  image(name: string): string;
  close(): Promise<void>;
};
