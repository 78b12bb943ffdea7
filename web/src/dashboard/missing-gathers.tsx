import { List, ListItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { GatherStatus } from '../../../src/report/status.ts';
import type { Report } from '../reports/report.ts';

const MOST_TOLD = 3;
const LONGEST_REASON = 300;

/** Why a report failed, or what is missing in it: the gathers that did not do all of their work, each with its reason. */
export function MissingGathers({ report }: { readonly report: Report }) {
  const { gathers, message } = report;
  const lacking = gathers.filter(({ phase }) => phase !== 'Done');
  const [first] = lacking;
  // The report's own message tells of its gathers, unless something else went wrong.
  const isTold = first !== undefined && message.includes(first.name);
  return (
    <>
      {!isTold && message !== '' && <p>{cut(message)}</p>}
      {first !== undefined && gathers.length === 1 && (
        <p>
          <Reason gather={first} />
        </p>
      )}
      {first !== undefined && gathers.length > 1 && <Lacking report={report} lacking={lacking} />}
    </>
  );
}

type LackingProps = { readonly report: Report; readonly lacking: readonly GatherStatus[] };

function Lacking({ report: { phase, gathers }, lacking }: LackingProps) {
  const { t } = useTranslation();
  const counted = { count: lacking.length, total: gathers.length };
  const untold = lacking.length - MOST_TOLD;
  return (
    <>
      <p>
        {phase === 'Failed'
          ? t('gathersFailed', {
              ...counted,
              defaultValue_one: '{{count}} of {{total}} gathers failed:',
              defaultValue_other: '{{count}} of {{total}} gathers failed:',
            })
          : t('gathersIncomplete', {
              ...counted,
              defaultValue_one: '{{count}} of {{total}} gathers is incomplete:',
              defaultValue_other: '{{count}} of {{total}} gathers are incomplete:',
            })}
      </p>
      <List>
        {lacking.slice(0, MOST_TOLD).map((gather) => (
          <ListItem key={gather.name}>
            <Reason gather={gather} />
          </ListItem>
        ))}
        {untold > 0 && <ListItem>{t('and {{count}} more', { count: untold })}</ListItem>}
      </List>
    </>
  );
}

function Reason({ gather: { name, message, reason, phase } }: { readonly gather: GatherStatus }) {
  return (
    <>
      <bdi>{name}</bdi>
      {': '}
      <bdi>{cut(message ?? reason ?? phase)}</bdi>
    </>
  );
}

/** All of it is on the report's page. */
function cut(text: string): string {
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON)}…`;
}
