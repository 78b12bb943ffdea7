import { invalidInput, quoted } from './refusal.ts';

const UNITS_NS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n], // micro sign
  ['\u03bcs', 1_000n], // Greek mu
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const SECOND_NS = 1_000_000_000n;
/** Go counts up to 2^63 while it parses, so that the smallest int64 can be written. */
const MOST = 1n << 63n;
/** What people write instead of hours, and how many hours it is. */
const LONG_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['d', 24n],
  ['day', 24n],
  ['days', 24n],
  ['w', 168n],
  ['week', 168n],
  ['weeks', 168n],
]);
/** No duration that means anything is longer as text, and reading one costs time in its square. */
const LONGEST_TEXT = 64;

/**
 * Nanoseconds of a Go duration, as `time.ParseDuration` of Go reads it: `90m`, `1h30m`, `1.5s`, `-2ms`, `0`. Throws
 * MusterError InvalidInput, which says why, for anything else and for what does not fit int64 (292 years).
 */
export function parseDuration(text: string, field = ''): bigint {
  const refuse = (why: string) => invalidInput(field, `${quoted(text)}: ${why}`);
  if (text === '') throw invalidInput(field, 'the duration is empty; write one such as 10m');
  if (text.length > LONGEST_TEXT) throw refuse(`longer than ${LONGEST_TEXT} characters`);
  const negative = text.startsWith('-');
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0n;
  if (unsigned === '') throw refuse('no number');
  let totalNs = 0n;
  // One round for each number with its unit; the whole text has to be made of such.
  for (let rest = unsigned; rest !== ''; ) {
    const part = /^([0-9]*)(\.?)([0-9]*)([^0-9.]*)/.exec(rest);
    const [all = '', whole = '', , fraction = '', unit = ''] = part ?? [];
    if (whole === '' && fraction === '') throw refuse(`a number is expected at ${quoted(rest)}`);
    totalNs += partNs(whole, fraction, unit, refuse);
    if (totalNs > MOST) throw refuse(TOO_LONG);
    rest = rest.slice(all.length);
  }
  if (!negative && totalNs === MOST) throw refuse(TOO_LONG);
  return negative ? -totalNs : totalNs;
}

const TOO_LONG = 'longer than 292 years';

function partNs(whole: string, fraction: string, unit: string, refuse: (why: string) => Error): bigint {
  const unitNs = UNITS_NS.get(unit);
  if (unitNs === undefined) throw refuse(noUnit(whole, fraction, unit));
  const wholeNs = BigInt(whole === '' ? '0' : whole) * unitNs;
  if (wholeNs > MOST) throw refuse(TOO_LONG);
  return wholeNs + fractionNs(fraction, unitNs);
}

/** Go takes digits until they overflow and ends in floating point: done the same, to the last nanosecond. */
function fractionNs(digits: string, unitNs: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (MOST - 1n) / 10n || next > MOST) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unitNs) / scale)));
}

function noUnit(whole: string, fraction: string, unit: string): string {
  if (unit === '') return 'a unit is missing; write one of ns, us, ms, s, m, h';
  const hours = LONG_UNITS.get(unit);
  if (hours !== undefined && fraction === '') return `${unit} is no unit; use hours: ${BigInt(whole) * hours}h`;
  if (hours !== undefined) return `${unit} is no unit; use hours`;
  return `${quoted(unit)} is no unit; use one of ns, us, ms, s, m, h`;
}

/** The canonical form, as `Duration.String` of Go prints it: `1h30m0s`, `1.5s`, `100ms`, `0s`. Takes an int64. */
export function formatDuration(durationNs: bigint): string {
  const sign = durationNs < 0n ? '-' : '';
  const ns = durationNs < 0n ? -durationNs : durationNs;
  if (ns === 0n) return '0s';
  if (ns < 1_000n) return `${sign}${ns}ns`;
  if (ns < 1_000_000n) return `${sign}${decimal(ns, 3)}\u00b5s`;
  if (ns < SECOND_NS) return `${sign}${decimal(ns, 6)}ms`;
  const hours = ns / (3600n * SECOND_NS);
  const minutes = (ns / (60n * SECOND_NS)) % 60n;
  const seconds = `${decimal(ns % (60n * SECOND_NS), 9)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** `value` / 10^places without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${fraction}`;
}

/** Milliseconds of a Go duration, rounded up so that something above 0 stays above 0. */
export function durationMs(text: string, field = ''): number {
  return nsToMs(parseDuration(text, field));
}

function nsToMs(ns: bigint): number {
  const ms = ns / 1_000_000n;
  return Number(ns > ms * 1_000_000n ? ms + 1n : ms);
}

/** A Go duration above 0, in nanoseconds. */
export function parsePositiveDuration(text: string, field = ''): bigint {
  const ns = parseDuration(text, field);
  if (ns <= 0n) throw invalidInput(field, `${quoted(text)}: must be longer than 0`);
  return ns;
}

export type TimeoutFlag = {
  /** Canonical Go duration. */
  readonly timeout: string;
  /** What to tell the person, once, about how it was written. */
  readonly note?: string;
};

/**
 * `--timeout` as `oc adm must-gather` takes it: a Go duration; or, where no `s`, `m` or `h` stands in it, whole seconds
 * (0x, 0o and 0b too), which is deprecated. Throws MusterError InvalidInput, also for 0 and below: oc does not check.
 */
export function parseTimeoutFlag(text: string, field = '--timeout'): TimeoutFlag {
  if (/[smh]/.test(text) || !/^[+-]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.test(text)) {
    return { timeout: formatDuration(parsePositiveDuration(text, field)) };
  }
  // 40 digits are more seconds than int64 holds nanoseconds.
  const digits = text.replace(/^[+-]/, '').replace(/^0(?=[0-7])/, '0o');
  const seconds = digits.length > 40 ? MOST : BigInt(digits);
  if (text.startsWith('-') || seconds === 0n) throw invalidInput(field, `${quoted(text)}: must be longer than 0`);
  if (seconds * SECOND_NS >= MOST) throw invalidInput(field, `${quoted(text)}: ${TOO_LONG}`);
  const timeout = formatDuration(seconds * SECOND_NS);
  return { timeout, note: `${field}=${text}: a number without a unit is deprecated; write ${timeout}` };
}
