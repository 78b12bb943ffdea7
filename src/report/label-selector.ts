import { invalidInput, quoted } from './refusal.ts';

type Requirement =
  | { readonly key: string; readonly operator: 'In' | 'NotIn'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'Exists' | 'DoesNotExist' }
  | { readonly key: string; readonly operator: 'GreaterThan' | 'LessThan'; readonly value: bigint };

/** All of them must hold; none of them means everything. */
export type LabelSelector = readonly Requirement[];

/** Longest selector that fits the URL of a request to every API server. */
export const LONGEST_LABEL_SELECTOR = 4096;

const NAME = /^[a-zA-Z0-9](?:[-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:[.][a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const INT64_MOST = (1n << 63n) - 1n;

type Cursor = { readonly words: readonly string[]; at: number };
type Refuse = (why: string) => Error;

/**
 * Parses a label selector by the grammar of Kubernetes (equality and sets):
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors. Throws MusterError
 * InvalidInput, which says why.
 */
export function parseLabelSelector(text: string, field = ''): LabelSelector {
  const refuse: Refuse = (why) => invalidInput(field, `${quoted(text)}: ${why}`);
  if (text.length > LONGEST_LABEL_SELECTOR) throw refuse(`longer than ${LONGEST_LABEL_SELECTOR} characters`);
  const cursor: Cursor = { words: wordsOf(text), at: 0 };
  if (cursor.words.length === 0) return [];
  const selector = [requirement(cursor, refuse)];
  for (let word = next(cursor); word !== undefined; word = next(cursor)) {
    if (word !== ',') throw refuse(`a comma is expected before ${quoted(word)}`);
    selector.push(requirement(cursor, refuse));
  }
  return selector;
}

/** True when `labels` satisfy every requirement. As in Kubernetes, `!=` and `notin` hold where the label lacks. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every((requirement) => {
    const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
    switch (requirement.operator) {
      case 'In':
        return value !== undefined && requirement.values.includes(value);
      case 'NotIn':
        return value === undefined || !requirement.values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return compares(requirement.operator, value, requirement.value);
    }
  });
}

/** The selector in one canonical form, which every parser of the grammar reads. */
export function formatLabelSelector(selector: LabelSelector): string {
  return selector.map(formatRequirement).join(',');
}

function formatRequirement(requirement: Requirement): string {
  switch (requirement.operator) {
    case 'In':
      return `${requirement.key} in (${requirement.values.join(',')})`;
    case 'NotIn':
      return `${requirement.key} notin (${requirement.values.join(',')})`;
    case 'Exists':
      return requirement.key;
    case 'DoesNotExist':
      return `!${requirement.key}`;
    case 'GreaterThan':
      return `${requirement.key}>${requirement.value}`;
    case 'LessThan':
      return `${requirement.key}<${requirement.value}`;
  }
}

function wordsOf(text: string): string[] {
  // Kubernetes' lexer knows these four blanks only, and takes any other character into a word.
  return text.match(/==|!=|[=!<>(),]|[^=!<>(), \t\r\n]+/g) ?? [];
}

function next(cursor: Cursor): string | undefined {
  const word = cursor.words[cursor.at];
  cursor.at += 1;
  return word;
}

function peek(cursor: Cursor): string | undefined {
  return cursor.words[cursor.at];
}

function requirement(cursor: Cursor, refuse: Refuse): Requirement {
  const negated = peek(cursor) === '!';
  if (negated) cursor.at += 1;
  const key = checkKey(next(cursor) ?? '', refuse);
  const operator = peek(cursor);
  if (operator === undefined || operator === ',') return { key, operator: negated ? 'DoesNotExist' : 'Exists' };
  if (negated) throw refuse(`nothing may follow !${key} but a comma`);
  cursor.at += 1;
  switch (operator) {
    case '=':
    case '==':
      return { key, operator: 'In', values: [exactValue(cursor, refuse)] };
    case '!=':
      return { key, operator: 'NotIn', values: [exactValue(cursor, refuse)] };
    case 'in':
      return { key, operator: 'In', values: valueSet(cursor, refuse) };
    case 'notin':
      return { key, operator: 'NotIn', values: valueSet(cursor, refuse) };
    case '>':
      return { key, operator: 'GreaterThan', value: wholeNumber(exactValue(cursor, refuse), refuse) };
    case '<':
      return { key, operator: 'LessThan', value: wholeNumber(exactValue(cursor, refuse), refuse) };
    default:
      throw refuse(`${quoted(operator)} is no operator; use =, !=, in, notin, < or >`);
  }
}

/** One value; it may be empty: `key=`. */
function exactValue(cursor: Cursor, refuse: Refuse): string {
  const word = peek(cursor);
  if (word === undefined || word === ',') return '';
  cursor.at += 1;
  return checkValue(word, refuse);
}

/** `(a,b)`; empty values are values: `(a,)` is `a` and the empty value. Sorted, without repeats. */
function valueSet(cursor: Cursor, refuse: Refuse): string[] {
  if (next(cursor) !== '(') throw refuse('a ( is expected after in and notin');
  const values = new Set<string>();
  let current: string | undefined;
  for (let word = next(cursor); ; word = next(cursor)) {
    if (word === undefined) throw refuse('a ) is missing');
    if (word === ',' || word === ')') {
      values.add(current ?? '');
      current = undefined;
      if (word === ')') return [...values].sort();
    } else {
      if (current !== undefined) throw refuse(`a comma is expected before ${quoted(word)}`);
      current = checkValue(word, refuse);
    }
  }
}

function checkKey(key: string, refuse: Refuse): string {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const prefix = parts.length > 1 ? parts[0] : undefined;
  const isGoodPrefix = prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix));
  if (parts.length <= 2 && NAME.test(name) && isGoodPrefix) return key;
  throw refuse(key === '' ? 'a label is missing' : `${quoted(key)} is no name of a label`);
}

function checkValue(value: string, refuse: Refuse): string {
  if (NAME.test(value)) return value;
  throw refuse(`${quoted(value)} is no value of a label`);
}

function wholeNumber(text: string, refuse: Refuse): bigint {
  const number = toInt64(text);
  if (number === undefined) throw refuse(`${quoted(text)} is no whole number`);
  return number;
}

/** As Go's `strconv.ParseInt(text, 10, 64)`. */
function toInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]{1,63}$/.test(text)) return undefined;
  const number = BigInt(text.replace(/^\+/, ''));
  return number > INT64_MOST || number < -INT64_MOST - 1n ? undefined : number;
}

function compares(operator: 'GreaterThan' | 'LessThan', value: string | undefined, bound: bigint): boolean {
  const number = value === undefined ? undefined : toInt64(value);
  if (number === undefined) return false;
  return operator === 'GreaterThan' ? number > bound : number < bound;
}
