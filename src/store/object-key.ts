import { MusterError } from '../report/errors.ts';

const keyForm = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Names of letters, digits, `.`, `_` and `-`, joined by `/`, none beginning with a dot. */
export function isKey(key: string): boolean {
  return keyForm.test(key);
}

/** `InvalidInput` for what is no key. */
export function checkKey(key: string): void {
  if (!isKey(key)) throw new MusterError('InvalidInput', `${JSON.stringify(key)} is no key of a store`);
}
