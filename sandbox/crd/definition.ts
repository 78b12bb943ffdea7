import { isRecord, type Stored } from '../resource.ts';
import type { Schema } from './schema.ts';

export type PrinterColumn = {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
};

export type Version = {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: Schema };
  readonly subresources?: { readonly status?: object };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
};

export type Names = {
  readonly plural: string;
  readonly kind: string;
  readonly singular?: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
};

/** What the sandbox reads of a CustomResourceDefinition's spec, once `checkDefinition` has passed it. */
export type DefinitionSpec = {
  readonly group: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly names: Names;
  readonly versions: readonly Version[];
};

export type ConditionOfDefinition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string;
};

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** The spec of a definition that is kept, and so was checked. */
export const specOf = (definition: Stored) => definition.spec as DefinitionSpec;

export function conditionsOf({ status }: Stored): readonly ConditionOfDefinition[] {
  return isRecord(status) && Array.isArray(status.conditions) ? status.conditions : [];
}

export function isEstablished(definition: Stored): boolean {
  return conditionsOf(definition).some(({ type, status }) => type === 'Established' && status === 'True');
}
