import { evaluate } from '@marcbachmann/cel-js';
import { isRecord } from '../resource.ts';
import { readTime } from './formats.ts';
import { type Schema, schemaOfField } from './schema.ts';

// Words of CEL that a field may be called, and the characters that its names cannot have, as Kubernetes escapes them.
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const escapes: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

export function celName(name: string): string {
  if (reserved.has(name)) return `__${name}__`;
  return name.replace(/__|[./-]/g, (found) => escapes[found] ?? found);
}

/** A value of JSON as CEL sees it: whole numbers, times and durations by what the schema says of them. */
export function celValue(value: unknown, schema: Schema): unknown {
  if (typeof value === 'number') {
    const isWhole = schema.type === undefined ? Number.isInteger(value) : schema.type === 'integer';
    return isWhole ? BigInt(value) : value;
  }
  if (typeof value === 'string') return celText(value, schema.format);
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema.items ?? {}));
  if (!isRecord(value)) return value;
  const isDeclared = (name: string) => Object.hasOwn(schema.properties ?? {}, name);
  const entries = Object.entries(value).map(([name, child]) => [
    isDeclared(name) ? celName(name) : name,
    celValue(child, schemaOfField(schema, name) ?? {}),
  ]);
  return Object.fromEntries(entries);
}

function celText(text: string, format: string | undefined): unknown {
  if (format === 'date-time') return readTime(text) ?? text;
  if (format === 'date') return readTime(`${text}T00:00:00Z`) ?? text;
  if (format === 'byte') return Uint8Array.from(Buffer.from(text, 'base64'));
  return format === 'duration' ? celDuration(text) : text;
}

// time.Duration counts nanoseconds in 64 bits.
const mostNanoseconds = 2n ** 63n - 1n;

/** A Go duration. Throws for what is none, and for what Go cannot count. */
export function celDuration(text: string): unknown {
  const duration: { seconds: bigint; nanos: number } = evaluate('duration(text)', { text });
  const nanoseconds = duration.seconds * 1_000_000_000n + BigInt(duration.nanos);
  if (nanoseconds > mostNanoseconds || nanoseconds < -mostNanoseconds - 1n) throw new Error(`${text} is out of range`);
  return duration;
}

export function celTimestamp(text: string): Date {
  const time = readTime(text);
  if (time === undefined || time.getUTCFullYear() < 1) throw new Error(`${JSON.stringify(text)} is no RFC 3339 time`);
  return time;
}
