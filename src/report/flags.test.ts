import { expect, it } from 'vitest';
import {
  fieldsWithoutKey,
  flagContract,
  flagNames,
  ownFields,
  restKeys,
  singularRestKeys,
  specFields,
} from './flags.ts';

/** The table of reference §1, and the command after `--`. */
const FLAGS_OF_OC = [
  '--image',
  '--image-stream',
  '--all-images',
  '--node-name',
  '--node-selector',
  '--host-network',
  '--run-namespace',
  '--dest-dir',
  '--source-dir',
  '--timeout',
  '--volume-percentage',
  '--since',
  '--since-time',
  '--keep',
  '--',
];
/** Keys that the REST service had which Muster replaces, and those that the design adds. */
const REST_KEYS = (
  'custom-name image image-stream node-name command source-dir timeout server ' +
  'images all-images components since since-time node-selector host-network run-namespace keep-namespace ' +
  'volume-percentage delete-after'
).split(' ');

it('has an answer for every flag of oc, and for no other', () => {
  expect(flagContract.map(({ flag }) => flag).sort()).toEqual([...FLAGS_OF_OC].sort());
  for (const entry of flagContract) if ('whyNot' in entry) expect(entry.whyNot.length).toBeGreaterThan(20);
});

it('has every key of REST', () => {
  const keys = [...Object.values(restKeys), ...Object.keys(singularRestKeys)];
  expect(keys.sort()).toEqual([...REST_KEYS].sort());
});

it('names fields that exist, and each field once', () => {
  const named = [
    ...flagContract.flatMap((entry) => ('field' in entry ? [entry.field] : [])),
    ...ownFields.map(({ field }) => field),
    ...Object.keys(fieldsWithoutKey),
  ];
  expect(named.sort()).toEqual([...specFields].sort());
  expect(Object.keys(flagNames)).toHaveLength(FLAGS_OF_OC.length - 1);
});
