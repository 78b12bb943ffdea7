import { invalidInput, quoted } from './refusal.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes out of a number with one of Kubernetes' units: `500M`, `1.5Gi`, `1024`. Throws MusterError InvalidInput. */
export function parseSize(text: string, field = ''): number {
  const [, digits = '', unit = ''] = /^([0-9]{1,16}(?:\.[0-9]{1,9})?)([a-zA-Z]{0,2})$/.exec(text) ?? [];
  const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  const bytes = digits === '' || factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw invalidInput(field, `${quoted(text)}: expected a size such as 500M or 20Gi`);
}
