import { type ASTNode, Environment, Optional, type ParseResult } from '@marcbachmann/cel-js';
import { keyOfItem } from '../list-merging.ts';
import { isRecord } from '../resource.ts';
import type { Cause } from '../status.ts';
import { celDuration, celTimestamp, celValue } from './cel-values.ts';
import { fieldPath, type Rule, type Schema, schemaOfField } from './schema.ts';

const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
  .registerVariable('self', 'dyn')
  .registerVariable('oldSelf', 'dyn')
  .registerFunction('goDuration(string): google.protobuf.Duration', celDuration)
  .registerFunction('rfc3339(string): google.protobuf.Timestamp', celTimestamp);

// The library's own take durations without end and days that no month has.
const stricter: Readonly<Record<string, string>> = { duration: 'goDuration', timestamp: 'rfc3339' };

type Compiled = { readonly run: ParseResult; readonly seesOld: boolean };
const compiled = new Map<string, Compiled>();

/** Reads an expression. Throws for what is no CEL. */
export function compileExpression(text: string): Compiled {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const nodes = nodesOf(environment.parse(text).ast);
  const seesOld = nodes.some(({ op, args }) => op === 'id' && args === 'oldSelf');
  let strict = text;
  for (const { op, args, start } of nodes.toSorted((a, b) => b.start - a.start)) {
    const name = op === 'call' ? args[0] : '';
    const better = Object.hasOwn(stricter, name) ? stricter[name] : undefined;
    if (better !== undefined) strict = strict.slice(0, start) + better + strict.slice(start + name.length);
  }
  const result = { run: environment.parse(strict), seesOld };
  compiled.set(text, result);
  return result;
}

function nodesOf(node: ASTNode): ASTNode[] {
  const within = (args: unknown): ASTNode[] => {
    if (Array.isArray(args)) return args.flatMap(within);
    return isNode(args) ? nodesOf(args) : [];
  };
  return [node, ...within(node.args)];
}

const isNode = (value: unknown): value is ASTNode => isRecord(value) && 'op' in value && 'args' in value;

type Place = { readonly value: unknown; readonly old: unknown; readonly path: string };

/**
 * What the rules of a schema have against a value. `old` is what stands there now; rules about the past are for changes
 * only, and for items of a list where its keys tell which was which.
 */
export function brokenRules(schema: Schema, { value, old, path }: Place): Cause[] {
  if (value === undefined || value === null) return [];
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap((rule) => broken(rule, schema, { value, old, path }));
  if (Array.isArray(value)) {
    const { items = {}, 'x-kubernetes-list-map-keys': keys } = schema;
    const olds = Array.isArray(old) && keys ? old : [];
    const within = value.flatMap((item, at) => {
      const was = keys && olds.find((each) => keyOfItem(each, keys) === keyOfItem(item, keys));
      return brokenRules(items, { value: item, old: was, path: `${path}[${at}]` });
    });
    return [...own, ...within];
  }
  if (!isRecord(value)) return own;
  const within = Object.entries(value).flatMap(([name, child]) => {
    const known = schemaOfField(schema, name);
    const was = isRecord(old) ? old[name] : undefined;
    return known === undefined ? [] : brokenRules(known, { value: child, old: was, path: fieldPath(path, name) });
  });
  return [...own, ...within];
}

function broken(rule: Rule, schema: Schema, { value, old, path }: Place): Cause[] {
  const { run, seesOld } = compileExpression(rule.rule);
  if (seesOld && old === undefined && !rule.optionalOldSelf) return [];
  const was = old === undefined ? undefined : celValue(old, schema);
  const oldSelf = rule.optionalOldSelf ? (was === undefined ? Optional.none() : Optional.of(was)) : was;
  const context = { self: celValue(value, schema), oldSelf };
  const cause = (message: string): Cause[] => [
    {
      reason: rule.reason ?? 'FieldValueInvalid',
      message: `Invalid value: "${schema.type ?? 'object'}": ${message}`,
      field: `${path}${rule.fieldPath ?? ''}`,
    },
  ];
  try {
    return run(context) === true ? [] : cause(messageOf(rule, context));
  } catch (error) {
    return cause(`rule ${JSON.stringify(rule.rule)} cannot be evaluated: ${String(error).split('\n')[0]}`);
  }
}

function messageOf({ rule, message, messageExpression }: Rule, context: object): string {
  const plain = message ?? `failed rule: ${rule}`;
  if (messageExpression === undefined) return plain;
  try {
    const told: unknown = compileExpression(messageExpression).run(context);
    return typeof told === 'string' && told.trim() !== '' ? told : plain;
  } catch {
    // As the API server does: an expression that fails leaves the plain message.
    return plain;
  }
}
