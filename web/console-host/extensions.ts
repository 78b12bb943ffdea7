import { type LoadedExtension, useExtensions, useResolvedExtensions } from '@openshift/dynamic-plugin-sdk';
import type { Extension, ResolvedExtension } from '@openshift-console/dynamic-plugin-sdk/lib/types';

type Is<T extends Extension> = (extension: { readonly type: string }) => extension is T & LoadedExtension;

const guards = new Map<string, (extension: { readonly type: string }) => boolean>();

/** One function for each type: the hooks begin anew when they are given another. */
function isOf<T extends Extension>(type: T['type']): Is<T> {
  const guard = guards.get(type) ?? ((extension: { readonly type: string }) => extension.type === type);
  guards.set(type, guard);
  return guard as Is<T>;
}

/** Extensions of one type whose flags are set, with their code still to be loaded. */
export function useExtensionsOf<T extends Extension>(type: T['type']): readonly T[] {
  return useExtensions(isOf<T>(type)) as unknown as readonly T[];
}

/** The same with their code, and whether it is there. */
export function useResolved<T extends Extension>(type: T['type']): [readonly ResolvedExtension<T>[], boolean] {
  const [extensions, isResolved] = useResolvedExtensions(isOf<T>(type));
  return [extensions as unknown as readonly ResolvedExtension<T>[], isResolved];
}
