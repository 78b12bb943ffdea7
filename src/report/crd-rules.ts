import { IMAGE_REFERENCE_PATTERN } from './image-reference.ts';
import { CUSTOM_NAME_PATTERN, DNS_LABEL_PATTERN, DNS_SUBDOMAIN_PATTERN, IMAGE_STREAM_PATTERN } from './names.ts';
import { CHANGEABLE, CONFLICTS, LONGEST_TIMEOUT, SERVER_PATTERN, type SpecField, specSchema } from './spec.ts';
import { RFC3339_PATTERN } from './time.ts';

/** One rule of `x-kubernetes-validations`: CEL that must hold, and what the person reads where it does not. */
export type CelRule = {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
};

/** Go durations above 0, but for what overflows; `duration()` of CEL reads the rest. */
const DURATION_PATTERN = '^[+]?(([0-9]+([.][0-9]*)?|[.][0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$';

const matches = (pattern: string) => `self.matches(r'${pattern}')`;
const IS_DURATION = `${matches(DURATION_PATTERN)} && duration(self) > duration('0s')`;
const IS_DURATION_TEXT = 'must be a Go duration above 0, such as 90m or 24h';

/** Rules for the text of one field; for a list, for the text of each item. */
export const fieldRules: Readonly<Partial<Record<SpecField, readonly CelRule[]>>> = {
  images: [{ rule: matches(IMAGE_REFERENCE_PATTERN), message: 'must be an image reference: registry/path:tag' }],
  imageStreams: [{ rule: matches(IMAGE_STREAM_PATTERN), message: 'must be namespace/name:tag' }],
  components: [{ rule: matches(DNS_SUBDOMAIN_PATTERN), message: 'must be the name of a component' }],
  customName: [{ rule: matches(CUSTOM_NAME_PATTERN), message: 'must have no / and no control characters' }],
  command: [{ rule: matches('^[^\\x00]*[^\\x00\\s][^\\x00]*$'), message: 'must not be blank and hold no zero byte' }],
  nodeName: [{ rule: matches(DNS_SUBDOMAIN_PATTERN), message: 'must be the name of a node, without / and %' }],
  // The grammar as a whole is checked when the report is accepted; this refuses what can never be a selector.
  nodeSelector: [
    {
      rule: matches('^[-a-zA-Z0-9_./=!<>(), \\t\\r\\n]*[-a-zA-Z0-9_./][-a-zA-Z0-9_./=!<>(), \\t\\r\\n]*$'),
      message: 'must be a label selector',
    },
  ],
  runNamespace: [{ rule: matches(DNS_LABEL_PATTERN), message: 'must be the name of a namespace' }],
  sourceDir: [
    { rule: matches('^/[^:\\x00-\\x1f\\x7f]*$'), message: 'must be an absolute path without a colon' },
    { rule: "!self.split('/').exists(part, part == '..')", message: 'must not contain ..' },
    { rule: "self.split('/').exists(part, part != '' && part != '.')", message: 'must not be the root' },
  ],
  timeout: [
    {
      rule: `${IS_DURATION} && duration(self) <= duration('${LONGEST_TIMEOUT}')`,
      message: `${IS_DURATION_TEXT}, and at most ${LONGEST_TIMEOUT}`,
    },
  ],
  since: [{ rule: IS_DURATION, message: IS_DURATION_TEXT }],
  sinceTime: [
    {
      rule: `${matches(RFC3339_PATTERN)} && timestamp(self).getFullYear() > 0`,
      message: 'must be an RFC 3339 time, such as 2026-11-21T10:30:00Z',
    },
  ],
  server: [{ rule: matches(SERVER_PATTERN), message: 'must be an address such as https://api.example.com:6443' }],
  deleteAfter: [
    { rule: `self == 'never' || (${IS_DURATION})`, message: `must be never, or ${IS_DURATION_TEXT.slice(8)}` },
  ],
};

/** Rules that look at more than one field, or at the spec as it was before. */
export function specRules(): CelRule[] {
  return [
    ...CONFLICTS.map(exclusive),
    ...fields()
      .filter((field) => !CHANGEABLE.has(field))
      .map(immutable),
    CANCEL_RULE,
  ];
}

const CANCEL_RULE: CelRule = {
  rule: '!oldSelf.cancel || self.cancel',
  message: 'a cancelled report stays cancelled',
  fieldPath: '.cancel',
};

function exclusive([one, other]: readonly [SpecField, SpecField]): CelRule {
  return {
    rule: `!(${setIn(one)} && ${setIn(other)})`,
    message: `${one} and ${other} exclude each other`,
    fieldPath: `.${other}`,
  };
}

/** The asker said something: as `isSet` says it of a spec. Fields with a default always stand. */
function setIn(field: SpecField): string {
  const schema = specSchema.properties[field];
  if (schema.type === 'array') return `size(self.${field}) > 0`;
  return schema.type === 'boolean' ? `self.${field}` : `has(self.${field})`;
}

function immutable(field: SpecField): CelRule {
  const same = `self.${field} == oldSelf.${field}`;
  const isOptional = !('default' in specSchema.properties[field]);
  return {
    rule: isOptional ? `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || ${same})` : same,
    message: `${field} cannot be changed; ask for another report`,
    fieldPath: `.${field}`,
  };
}

function fields(): SpecField[] {
  return Object.keys(specSchema.properties).filter((name): name is SpecField => name in specSchema.properties);
}
