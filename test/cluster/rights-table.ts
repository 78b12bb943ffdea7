import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../contract/command.ts';
import { rendered } from './deployment.ts';

/** One right of the server: a verb on a resource, as `kubectl auth can-i` takes it. */
export type ServerRight = {
  readonly verb: string;
  /** `pods/exec`, `leases.coordination.k8s.io`. */
  readonly resource: string;
  /** Empty: on all of them. */
  readonly name: string;
  readonly isEverywhere: boolean;
};

const ROW =
  /^\| `(?<resource>[^`]+)`(?: named `(?<name>[^`]+)`)? \| (?<verbs>[a-z ]+) \| (?<where>everywhere|own namespace) \|/;

/** The rights that `docs/security.md` names. */
export function documentedRights(): ServerRight[] {
  const lines = readFileSync(join(root, 'docs/security.md'), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const { resource = '', name = '', verbs = '', where } = ROW.exec(line)?.groups ?? {};
    const isEverywhere = where === 'everywhere';
    return verbs.split(' ').flatMap((verb) => (verb === '' ? [] : [{ verb, resource, name, isEverywhere }]));
  });
}

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] };

/** The rights that `deploy/base` gives. */
export function givenRights(): ServerRight[] {
  const roles = rendered('deploy/base').filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
  return roles.flatMap(({ kind, rules }) =>
    (rules as Rule[]).flatMap((rule) => rightsOf(rule, kind === 'ClusterRole')),
  );
}

function rightsOf({ apiGroups, resources, resourceNames = [''], verbs }: Rule, isEverywhere: boolean): ServerRight[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      resourceNames.flatMap((name) =>
        verbs.map((verb) => ({ verb, resource: inGroup(resource, group), name, isEverywhere })),
      ),
    ),
  );
}

function inGroup(resource: string, group: string): string {
  const [plural, ...subresource] = resource.split('/');
  return [group === '' ? plural : `${plural}.${group}`, ...subresource].join('/');
}
