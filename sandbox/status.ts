import type { Resource } from './resource.ts';

export type Cause = { readonly reason: string; readonly message: string; readonly field: string };
type Details = { name?: string; group?: string; kind?: string; causes?: readonly Cause[] };

/** A refusal, with the code and the reason of the real API server; its text is our own. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Details | undefined;

  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

/** The `Status` object that goes over the wire. */
export function statusOf({ code, reason, message, details }: Refusal): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
}

const detailsOf = ({ group, plural }: Resource, name: string): Details => ({ name, group, kind: plural });
const label = ({ group, plural }: Resource) => (group === '' ? plural : `${plural}.${group}`);

export const notFound = (resource: Resource, name: string) =>
  new Refusal(404, 'NotFound', `${label(resource)} "${name}" not found`, detailsOf(resource, name));

export const noSuchPath = (path: string) =>
  new Refusal(404, 'NotFound', `the sandbox does not serve ${path}; sandbox/README.md tells what it serves`);

export const alreadyExists = (resource: Resource, name: string) =>
  new Refusal(409, 'AlreadyExists', `${label(resource)} "${name}" already exists`, detailsOf(resource, name));

export const conflict = (resource: Resource, name: string, why: string) =>
  new Refusal(409, 'Conflict', `${label(resource)} "${name}": ${why}`, detailsOf(resource, name));

export const forbidden = (resource: Resource, name: string, why: string) =>
  new Refusal(403, 'Forbidden', `${label(resource)} "${name}" is forbidden: ${why}`, detailsOf(resource, name));

export const badRequest = (message: string) => new Refusal(400, 'BadRequest', message);

export const invalid = (resource: Resource, name: string, causes: readonly Cause[]) =>
  new Refusal(
    422,
    'Invalid',
    `${resource.kind} "${name}" is invalid: ${causes.map((c) => `${c.field}: ${c.message}`).join(', ')}`,
    {
      name,
      group: resource.group,
      kind: resource.kind,
      causes,
    },
  );

export const expired = (message: string) => new Refusal(410, 'Expired', message);

export const unsupported = (message: string) => new Refusal(415, 'UnsupportedMediaType', message);

export const notAllowed = (method: string) =>
  new Refusal(405, 'MethodNotAllowed', `${method} is not supported on this resource`);

export const mayNot = (username: string, what: string) =>
  new Refusal(403, 'Forbidden', `User "${username}" cannot ${what}`);
