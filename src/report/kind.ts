// How Kubernetes spells the kind of a report.

export const GROUP = 'muster.dev';
export const VERSION = 'v1alpha1';
export const KIND = 'MustGatherReport';
export const PLURAL = 'mustgatherreports';
