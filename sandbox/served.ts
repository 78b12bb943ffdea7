import { clusterRoles } from './kinds/cluster-role.ts';
import { clusterRoleBindings } from './kinds/cluster-role-binding.ts';
import { configMaps } from './kinds/config-map.ts';
import { customResourceDefinitions } from './kinds/custom-resource-definition.ts';
import { events } from './kinds/event.ts';
import { leases } from './kinds/lease.ts';
import { localSubjectAccessReviews } from './kinds/local-subject-access-review.ts';
import { namespaces } from './kinds/namespace.ts';
import { nodes } from './kinds/node.ts';
import { persistentVolumeClaims } from './kinds/persistent-volume-claim.ts';
import { pods } from './kinds/pod.ts';
import { roles } from './kinds/role.ts';
import { roleBindings } from './kinds/role-binding.ts';
import { secrets } from './kinds/secret.ts';
import { selfSubjectAccessReviews } from './kinds/self-subject-access-review.ts';
import { selfSubjectReviews } from './kinds/self-subject-review.ts';
import { selfSubjectRulesReviews } from './kinds/self-subject-rules-review.ts';
import { services } from './kinds/service.ts';
import { serviceAccounts } from './kinds/service-account.ts';
import { subjectAccessReviews } from './kinds/subject-access-review.ts';
import { tokenReviews } from './kinds/token-review.ts';
import type { Resource } from './resource.ts';

/** Every kind that the sandbox serves. A new one is a file in kinds/ and a line here. */
export const served: readonly Resource[] = [
  configMaps,
  events,
  namespaces,
  nodes,
  persistentVolumeClaims,
  pods,
  secrets,
  serviceAccounts,
  services,
  selfSubjectReviews,
  tokenReviews,
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
  leases,
  customResourceDefinitions,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
];
