import { arrayOf, type Json, object, ref, text, texts } from './openapi-parts.ts';

const count: Json = { type: 'integer', minimum: 0 };
const nullOr = (schema: Json, description: string): Json => ({ anyOf: [schema, { type: 'null' }], description });

/** The shapes of `GET /overview`. */
export const overviewSchemas: Readonly<Record<string, Json>> = {
  Overview: object('How the cluster is.', {
    cluster: ref('ClusterDetails'),
    health: object('In a word each.', {
      cluster: ref('Health'),
      operators: ref('Health'),
      nodes: ref('Health'),
    }),
    operators: arrayOf('IllOperator'),
    nodes: object('Its nodes.', { ready: count, total: count, notReady: texts('Those that are not ready, by name.') }),
    alerts: nullOr(arrayOf('Alert'), 'The worst first, at most 100; null where nobody can tell.'),
    warnings: texts('What could not be read, and why.'),
  }),
  ClusterDetails: object(
    'What the cluster is.',
    {
      id: text('Of the ClusterVersion; elsewhere the UID of namespace kube-system.'),
      name: text('`--cluster-name`, else its infrastructure name, else the host of its API.'),
      version: text('Of OpenShift.'),
      kubernetesVersion: text('Empty where it cannot be told.'),
      provider: text('Where it runs.'),
      apiServer: text('The address of its API.'),
    },
    ['id', 'version', 'provider'],
  ),
  Health: object(
    'How something is.',
    { state: { type: 'string', enum: ['ok', 'warning', 'error', 'unknown'] }, text: text('Why it is not well.') },
    ['text'],
  ),
  IllOperator: object('An operator, or another component, that is not well.', {
    name: text('Its name.'),
    title: text('For a person.'),
    message: text('What is the matter.'),
    component: text('What knows more: `components` of a request takes it.'),
  }),
  Alert: object(
    'An alert that fires.',
    {
      name: text('Of its rule.'),
      severity: text('`critical`, `warning`, `info`, or a word of whoever wrote the rule.'),
      summary: text('What is the matter.'),
      activeSince: text('When it began to fire.'),
      component: text('What knows more, where the alert names an operator.'),
    },
    ['component'],
  ),
};
