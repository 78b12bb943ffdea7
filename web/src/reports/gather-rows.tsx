import { Button, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { Table, Tbody, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isFinalGather } from '../../../src/report/gather-lifecycle.ts';
import type { GatherStatus } from '../../../src/report/status.ts';
import { GatherRow, WIDE_ONLY } from './gather-row.tsx';
import type { Report } from './report.ts';
import { useTitlesByImage } from './use-components.ts';

/** From here on a person wants to see less at once. */
const MANY = 20;
const SHOWN_AT_FIRST = 100;

type Part = 'all' | 'trouble' | 'ongoing' | 'done';

type GatherRowsProps = {
  readonly report: Report;
  /** Without images and nodes, for little room. */
  readonly isCompact?: boolean;
};

/** The gathers of a report: how far each is, what it brought, how long it took, and why it is not done. */
export function GatherRows({ report, isCompact = false }: GatherRowsProps) {
  const { t } = useTranslation();
  const titles = useTitlesByImage();
  const [part, setPart] = useState<Part>('all');
  const [isWhole, setIsWhole] = useState(false);
  const { gathers } = report;
  if (gathers.length === 0) return null;
  const chosen = part === 'all' ? gathers : gathers.filter((gather) => partOf(gather) === part);
  const shown = isWhole ? chosen : chosen.slice(0, SHOWN_AT_FIRST);
  return (
    <div className="muster-rows">
      {gathers.length > MANY && <Parts gathers={gathers} chosen={part} onChoose={setPart} />}
      <Table
        variant="compact"
        borders={!isCompact}
        gridBreakPoint={isCompact ? '' : 'grid-md'}
        role="table"
        aria-label={t('Gathers')}
      >
        <Thead>
          <Tr>
            <Th width={isCompact ? 60 : 40} modifier="nowrap">
              {t('Gather')}
            </Th>
            {!isCompact && <Th modifier="nowrap">{t('Node')}</Th>}
            <Th modifier="nowrap" {...(isCompact && { visibility: WIDE_ONLY })}>
              {t('Size')}
            </Th>
            <Th modifier="nowrap">{t('Time')}</Th>
            {!isCompact && <Th modifier="nowrap">{t('State')}</Th>}
          </Tr>
        </Thead>
        <Tbody>
          {shown.map((gather) => (
            <GatherRow
              key={gather.name}
              gather={gather}
              title={titleOf(gather, report, titles, isCompact)}
              isCompact={isCompact}
            />
          ))}
        </Tbody>
      </Table>
      {shown.length < chosen.length && (
        <Button variant="link" onClick={() => setIsWhole(true)}>
          {t('Show all {{count}} gathers', { count: chosen.length })}
        </Button>
      )}
    </div>
  );
}

/** On many nodes one component has many gathers: then the node is part of the title where it has no column. */
function titleOf(
  gather: GatherStatus,
  report: Report,
  titles: ReadonlyMap<string, string>,
  isCompact: boolean,
): string {
  const title = titles.get(gather.image) ?? gather.name;
  const isOneOfMany = report['node-selector'] !== '' && gather.node !== undefined;
  return isCompact && isOneOfMany ? `${title} · ${gather.node}` : title;
}

function partOf(gather: GatherStatus): Part {
  if (!isFinalGather(gather)) return 'ongoing';
  return gather.phase === 'Done' ? 'done' : 'trouble';
}

type PartsProps = {
  readonly gathers: readonly GatherStatus[];
  readonly chosen: Part;
  readonly onChoose: (part: Part) => void;
};

function Parts({ gathers, chosen, onChoose }: PartsProps) {
  const { t } = useTranslation();
  const counts = { all: gathers.length, trouble: 0, ongoing: 0, done: 0 };
  for (const gather of gathers) counts[partOf(gather)] += 1;
  const parts: readonly (readonly [Part, string])[] = [
    ['all', t('All ({{count}})', { count: counts.all })],
    ['trouble', t('Not complete ({{count}})', { count: counts.trouble })],
    ['ongoing', t('Ongoing ({{count}})', { count: counts.ongoing })],
    ['done', t('Done ({{count}})', { count: counts.done })],
  ];
  return (
    <ToggleGroup aria-label={t('Which gathers to show')}>
      {parts.map(([part, text]) => (
        <ToggleGroupItem key={part} text={text} isSelected={part === chosen} onChange={() => onChoose(part)} />
      ))}
    </ToggleGroup>
  );
}
