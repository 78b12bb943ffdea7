import { isRecord } from '../resource.ts';

type Step = (values: readonly unknown[]) => unknown[];

const field = /^\.?(?<name>(?:[^.[\]\\]|\\.)+)/;
const quoted = /^\[(?<quote>['"])(?<name>(?:\\.|(?!\k<quote>).)*)\k<quote>\]/;
const place = /^\[(?<place>-?\d+|\*)\]/;
const filter =
  /^\[\?\(@\.(?<name>[\w.-]+)\s*(?<operator>==|!=)\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[\w.-]+))\)\]/;

/**
 * Reads a path as printer columns have it: `.a.b`, `.a['b.c']`, `.a[0]`, `.a[*]`, `.a[?(@.type=="Ready")].status`.
 * Throws for what it does not know. The result finds the first value at the path.
 */
export function readJsonPath(text: string): (object: unknown) => unknown {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const found = quoted.exec(rest) ?? place.exec(rest) ?? filter.exec(rest) ?? field.exec(rest);
    if (found === null) throw new Error(`the sandbox cannot read the JSON path ${text}`);
    steps.push(stepOf(found.groups ?? {}));
    rest = rest.slice(found[0].length);
  }
  return (object) => steps.reduce<unknown[]>((values, step) => step(values), [object])[0];
}

function stepOf(groups: Record<string, string | undefined>): Step {
  const { name = '', operator, double, single, bare, place: at } = groups;
  if (at === '*')
    return (values) => values.flatMap((value) => (isRecord(value) ? Object.values(value) : listOf(value)));
  if (at !== undefined) return (values) => values.map((value) => listOf(value).at(Number(at)));
  const below = (value: unknown, key: string) => (isRecord(value) ? value[key] : undefined);
  if (operator !== undefined) {
    const wanted = double ?? single ?? bare;
    const isMet = (item: unknown) => (String(name.split('.').reduce(below, item)) === wanted) === (operator === '==');
    return (values) => values.flatMap((value) => listOf(value).filter(isMet));
  }
  const key = name.replace(/\\(.)/g, '$1');
  return (values) => values.map((value) => below(value, key));
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
