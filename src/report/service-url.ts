import { invalidInput, quoted } from './refusal.ts';

/** An address without a user, a password, a query and a fragment, and without a slash at its end. Throws InvalidInput. */
export function parseServiceUrl(text: string, field: string, protocols: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Not repeated where it may hold a password, since messages are logged.
  if (text.includes('@')) throw invalidInput(field, 'an address without a user and a password is expected');
  if (url !== undefined && protocols.includes(url.protocol) && url.search === '' && url.hash === '') {
    return url.href.replace(/\/+$/, '');
  }
  const schemes = protocols.map((protocol) => `${protocol}//`).join(' or ');
  throw invalidInput(field, `${quoted(text)}: expected an address that begins with ${schemes}, without ? and #`);
}
