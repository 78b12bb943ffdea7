/** What the sample says it runs. Its versions and its registry are none that exist. */
export const sampleVersion = '4.22.3-sample';
export const nextSampleVersion = '4.22.4-sample';

export const gatherImages = {
  cluster: 'sample.invalid/openshift/must-gather:4.22',
  virtualization: 'sample.invalid/virtualization/must-gather:4.22',
  storage: 'sample.invalid/storage/must-gather:4.22',
  migration: 'sample.invalid/migration/must-gather:2.11',
};

export const applicationImages = {
  web: 'sample.invalid/sample/web:1.8',
  worker: 'sample.invalid/sample/worker:1.8',
  crashing: 'sample.invalid/sample/crashing:1.8',
};
