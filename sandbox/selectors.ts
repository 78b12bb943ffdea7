import { fieldAt, type Resource, type Stored } from './resource.ts';
import { badRequest } from './status.ts';

export type Matcher = (object: Stored) => boolean;
type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

const key = '[A-Za-z0-9]([A-Za-z0-9_./-]*[A-Za-z0-9])?';
const setBased = new RegExp(`^(?<key>${key})\\s+(?<operator>in|notin)\\s*\\((?<values>[^()]*)\\)$`);
const equality = new RegExp(`^(?<key>${key})\\s*(?<operator>==|=|!=)\\s*(?<value>[A-Za-z0-9_.-]*)$`);
const existence = new RegExp(`^(?<not>!?)\\s*(?<key>${key})$`);

/** A label selector as kubectl spells it; throws a 400 for what is none. The empty one matches everything. */
export function labelMatcher(selector: string): Matcher {
  // Commas inside parentheses part values, the others part requirements.
  const tests = parts(selector, /,(?![^(]*\))/).map(labelTest);
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

function parts(selector: string, separator: RegExp): string[] {
  return selector.trim() === '' ? [] : selector.split(separator).map((part) => part.trim());
}

function labelTest(text: string): LabelTest {
  const set = setBased.exec(text)?.groups;
  if (set !== undefined) {
    const values = new Set(set.values?.split(',').map((value) => value.trim()));
    const isIn: LabelTest = (labels) => has(labels, set.key) && values.has(labelOf(labels, set.key));
    return set.operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const equal = equality.exec(text)?.groups;
  if (equal !== undefined) {
    const isEqual: LabelTest = (labels) => has(labels, equal.key) && labelOf(labels, equal.key) === equal.value;
    return equal.operator === '!=' ? (labels) => !isEqual(labels) : isEqual;
  }
  const exists = existence.exec(text)?.groups;
  if (exists === undefined)
    throw badRequest(`unable to parse the label selector's requirement ${JSON.stringify(text)}`);
  return (labels) => has(labels, exists.key) === (exists.not === '');
}

const has = (labels: Readonly<Record<string, string>>, name = '') => Object.hasOwn(labels, name);
const labelOf = (labels: Readonly<Record<string, string>>, name = '') => labels[name] ?? '';

/** A field selector; throws a 400 for a field that the kind cannot be selected by. */
export function fieldMatcher(selector: string, resource: Resource): Matcher {
  const allowed = new Set(['metadata.name', 'metadata.namespace', ...(resource.fields ?? [])]);
  const tests = parts(selector, /,/).map((part): Matcher => {
    const found = /^(?<path>[^=!]+)(?<operator>==|=|!=)(?<value>.*)$/.exec(part)?.groups;
    const path = found?.path ?? '';
    if (found === undefined || !allowed.has(path)) throw badRequest(`field label not supported: ${part}`);
    const wanted = found.operator !== '!=';
    return (object) => (String(fieldAt(object, path) ?? '') === found.value) === wanted;
  });
  return (object) => tests.every((test) => test(object));
}
