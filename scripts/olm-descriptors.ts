import { mustGatherReportCrd } from '../src/report/crd.ts';

/** How the OpenShift console shows one field of a custom resource. */
export type Descriptor = {
  readonly path: string;
  readonly displayName: string;
  readonly description: string;
  readonly 'x-descriptors': readonly string[];
};

type Schema = {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
};

const UI = 'urn:alm:descriptor:com.tectonic.ui:';
const FIELDS_OF_EVERY_DAY = new Set(['images', 'components', 'customName', 'since', 'timeout']);
/** https://github.com/openshift/console/blob/main/frontend/packages/operator-lifecycle-manager/src/components/descriptors */
const KINDS_OF_STATUS: Readonly<Record<string, string>> = {
  phase: 'urn:alm:descriptor:io.kubernetes.phase',
  conditions: 'urn:alm:descriptor:io.kubernetes.conditions',
  report_url: 'urn:alm:descriptor:org.w3:link',
};

/** Every field of the spec, in the order of the schema; what is seldom needed stands under the form's advanced settings. */
export function specDescriptors(): Descriptor[] {
  return fieldsOf('spec').map(([name, schema]) => ({
    path: name,
    displayName: titleOf(name),
    description: schema.description ?? '',
    'x-descriptors': [inputOf(schema), ...(FIELDS_OF_EVERY_DAY.has(name) ? [] : [`${UI}advanced`])],
  }));
}

/** The fields of the status that are one value, and the conditions. */
export function statusDescriptors(): Descriptor[] {
  return fieldsOf('status')
    .filter(([name, schema]) => name in KINDS_OF_STATUS || (schema.type !== 'array' && schema.type !== 'object'))
    .map(([name, schema]) => ({
      path: name,
      displayName: titleOf(name),
      description: schema.description ?? 'What is known of it.',
      'x-descriptors': [KINDS_OF_STATUS[name] ?? 'urn:alm:descriptor:text'],
    }));
}

function fieldsOf(part: 'spec' | 'status'): [string, Schema][] {
  const { versions } = mustGatherReportCrd().spec as { versions: { schema: { openAPIV3Schema: Schema } }[] };
  const fields = versions[0]?.schema.openAPIV3Schema.properties?.[part]?.properties ?? {};
  return Object.entries(fields);
}

function inputOf({ type }: Schema): string {
  if (type === 'boolean') return `${UI}booleanSwitch`;
  if (type === 'integer') return `${UI}number`;
  return `${UI}text`;
}

/** `sinceTime` is `Since time`, `report_url` is `Report URL`. */
function titleOf(name: string): string {
  const words = name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, (_, end: string, begin: string) => `${end} ${begin.toLowerCase()}`);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`.replace(/\b(url|id)$/i, (word) => word.toUpperCase());
}
