import { type FieldNames, type SpecField, specSchema } from './spec.ts';

/** One flag of `oc adm must-gather`, and where the same is said elsewhere. */
export type FlagContract =
  | { readonly flag: string; readonly field: SpecField; readonly restKey: string; readonly hidden?: boolean }
  | { readonly flag: string; readonly whyNot: string };

/**
 * The contract: everything that `oc adm must-gather` takes (reference §1) has a field of the spec and a key in REST, or
 * a line that says why not. The keys of the REST service that Muster replaces are kept as they are.
 */
export const flagContract: readonly FlagContract[] = [
  { flag: '--image', field: 'images', restKey: 'images' },
  { flag: '--image-stream', field: 'imageStreams', restKey: 'image-stream' },
  { flag: '--all-images', field: 'allImages', restKey: 'all-images' },
  { flag: '--node-name', field: 'nodeName', restKey: 'node-name' },
  { flag: '--node-selector', field: 'nodeSelector', restKey: 'node-selector' },
  { flag: '--host-network', field: 'hostNetwork', restKey: 'host-network' },
  { flag: '--run-namespace', field: 'runNamespace', restKey: 'run-namespace' },
  { flag: '--dest-dir', whyNot: 'a folder on the machine of the caller; a report in the cluster has an archive' },
  { flag: '--source-dir', field: 'sourceDir', restKey: 'source-dir' },
  { flag: '--timeout', field: 'timeout', restKey: 'timeout' },
  { flag: '--volume-percentage', field: 'volumePercentage', restKey: 'volume-percentage' },
  { flag: '--since', field: 'since', restKey: 'since' },
  { flag: '--since-time', field: 'sinceTime', restKey: 'since-time' },
  { flag: '--keep', field: 'keepNamespace', restKey: 'keep-namespace', hidden: true },
  { flag: '--', field: 'command', restKey: 'command' },
];

/** Fields that no flag of `oc adm must-gather` stands for, and their keys in REST. */
export const ownFields: readonly { readonly field: SpecField; readonly restKey: string }[] = [
  { field: 'components', restKey: 'components' },
  { field: 'customName', restKey: 'custom-name' },
  { field: 'server', restKey: 'server' },
  { field: 'deleteAfter', restKey: 'delete-after' },
];

/** Fields that are no key of a request, and what stands for them. */
export const fieldsWithoutKey: Readonly<Partial<Record<SpecField, string>>> = {
  cancel: 'POST /must-gather/ID/cancel',
};

/** Keys of the REST service that Muster replaces which mean one value of a list. */
export const singularRestKeys: Readonly<Record<string, SpecField>> = { image: 'images' };

/** For `validateSpec`: the fields as the command line spells them. */
export const flagNames: FieldNames = Object.fromEntries(
  flagContract.flatMap((entry) => ('field' in entry ? [[entry.field, entry.flag]] : [])),
);

/** For `validateSpec`: the fields as REST spells them. */
export const restKeys: FieldNames = Object.fromEntries(
  [...flagContract, ...ownFields].flatMap((entry) => ('field' in entry ? [[entry.field, entry.restKey]] : [])),
);

/** Every field of the spec. */
export const specFields: readonly string[] = Object.keys(specSchema.properties);
