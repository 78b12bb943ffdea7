import { MusterError } from '../report/errors.ts';

const keyForm = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** `InvalidInput` for what is no key: names of letters, digits, `.`, `_` and `-`, joined by `/`, no dot at a beginning. */
export function checkKey(key: string): void {
  if (!keyForm.test(key)) throw new MusterError('InvalidInput', `${JSON.stringify(key)} is no key of a store`);
}
