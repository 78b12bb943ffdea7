// The tables of docs/custom-resource.md, out of the schemas that the CRD comes from.
import { fieldsWithoutKey, flagNames, restKeys } from '../src/report/flags.ts';
import { CHANGEABLE, CONFLICTS, specSchema } from '../src/report/spec.ts';
import { statusSchema } from '../src/report/status.ts';
import { table } from './markdown.ts';

const code = (text: string) => `\`${text}\``;

/** What stands for a field elsewhere, where that is no key or flag of its own name. */
const elsewhere: Readonly<Record<string, { readonly rest?: string; readonly flag?: string }>> = {
  components: { flag: '--component' },
  customName: { flag: '--name' },
  server: { flag: '--server' },
  deleteAfter: { flag: '--delete-after' },
  command: { flag: '-- COMMAND' },
  cancel: { rest: fieldsWithoutKey.cancel ?? '', flag: 'muster report cancel' },
};
const keys: Readonly<Record<string, string>> = restKeys;
const flags: Readonly<Record<string, string>> = flagNames;

/** Every field of the spec, as it is spelled in the object, over REST and on the command line. */
export function specReference(): string {
  const rows = Object.entries<Loose>(specSchema.properties).map(([name, schema]) => [
    code(name),
    typeOf(schema),
    schema.description ?? '',
    schema.default === undefined ? '' : code(JSON.stringify(schema.default)),
    code(elsewhere[name]?.rest ?? keys[name] ?? ''),
    code(elsewhere[name]?.flag ?? flags[name] ?? ''),
  ]);
  const pairs = CONFLICTS.map(([one, other]) => `${code(one)} with ${code(other)}`).join(', ');
  return [
    table(['field', 'type', 'meaning', 'unless told', 'over REST', 'flag'], rows),
    `May change later: ${[...CHANGEABLE].map(code).join(', ')}. Never together: ${pairs}.`,
  ].join('\n\n');
}

/** Every field of the status, those of lists and objects by their paths. */
export function statusReference(): string {
  return table(
    ['field', 'type', 'meaning'],
    fieldsBelow(statusSchema, '').map(([path, schema]) => [
      code(path),
      typeOf(schema),
      String(schema.description ?? ''),
    ]),
  );
}

type Loose = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: Loose;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Loose>>;
};

function fieldsBelow(schema: Loose, prefix: string): [string, Loose][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]): [string, Loose][] => {
    const path = `${prefix}${name}${property.type === 'array' ? '[]' : ''}`;
    return [[path, property], ...fieldsBelow(property.items ?? property, `${path}.`)];
  });
}

function typeOf({ type, items, enum: values, format }: Loose): string {
  if (values !== undefined) return values.map(code).join(' ');
  if (type === 'array') return `list of ${items?.type ?? 'string'}s`;
  return format === 'date-time' ? 'time' : (type ?? '');
}
