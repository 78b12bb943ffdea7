import { Td, type TdProps, Tr } from '@patternfly/react-table';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatElapsed } from '../../../src/report/format.ts';
import { isFinalGather } from '../../../src/report/gather-lifecycle.ts';
import type { GatherStatus } from '../../../src/report/status.ts';
import { useServerNow } from '../time/use-now.ts';
import { GatherIcon, useGatherWords } from './gather-state.tsx';
import { Size } from './size.tsx';

/** On a narrow screen there is room for a name and a time. */
export const WIDE_ONLY: NonNullable<TdProps['visibility']> = ['hidden', 'visibleOnMd'];

export type GatherRowProps = {
  readonly gather: GatherStatus;
  /** Of its component, else its name. */
  readonly title: string;
  /** Without image and node. */
  readonly isCompact: boolean;
};

/** One gather. Every event brings all gathers anew: only what changed is rendered again, so that 500 stay smooth. */
export const GatherRow = memo(Row, (before, after) => {
  const isSameLook = before.title === after.title && before.isCompact === after.isCompact;
  return isSameLook && JSON.stringify(before.gather) === JSON.stringify(after.gather);
});

function Row(props: GatherRowProps) {
  return props.isCompact ? <CompactRow {...props} /> : <WholeRow {...props} />;
}

function WholeRow({ gather, title }: GatherRowProps) {
  const { t } = useTranslation();
  const words = useGatherWords();
  const { node = '', files = 0, bytes = 0, phase } = gather;
  return (
    <Tr>
      <Td dataLabel={t('Gather')} modifier="breakWord">
        <div className="muster-with-icon">
          <GatherIcon phase={phase} />
          <div>
            <bdi>{title}</bdi>
            <div className="muster-aside">
              <bdi>{gather.image}</bdi>
            </div>
          </div>
        </div>
      </Td>
      <Td dataLabel={t('Node')} modifier="breakWord">
        <bdi>{node === '' ? '–' : node}</bdi>
      </Td>
      <Td dataLabel={t('Size')} modifier="nowrap">
        {files > 0 ? <Size sizeBytes={bytes} /> : '–'}
      </Td>
      <Td dataLabel={t('Time')} modifier="nowrap">
        <GatherTime gather={gather} />
      </Td>
      <Td dataLabel={t('State')} modifier="breakWord">
        {words[phase]}
        <Reason gather={gather} />
      </Td>
    </Tr>
  );
}

/** Its time is what a person reads while it runs and when it is over; before and between, what is waited for. */
function CompactRow({ gather, title }: GatherRowProps) {
  const { t } = useTranslation();
  const words = useGatherWords();
  const { files = 0, bytes = 0, phase } = gather;
  const isWordy = phase === 'Waiting' || phase === 'Starting' || phase === 'Packing';
  return (
    <Tr>
      <Td dataLabel={t('Gather')} modifier="breakWord">
        <div className="muster-with-icon">
          <GatherIcon phase={phase} />
          <div>
            <bdi>{title}</bdi> {!isWordy && <span className="pf-v6-screen-reader">{words[phase]}</span>}
            <Reason gather={gather} />
          </div>
        </div>
      </Td>
      <Td dataLabel={t('Size')} modifier="nowrap" visibility={WIDE_ONLY}>
        {files > 0 && <Size sizeBytes={bytes} />}
      </Td>
      <Td dataLabel={t('Time')}>{isWordy ? words[phase] : <GatherTime gather={gather} />}</Td>
    </Tr>
  );
}

/** Why it is not done; and that something was kept all the same. */
function Reason({ gather }: { readonly gather: GatherStatus }) {
  const { t } = useTranslation();
  const { message = '', reason = '', files = 0, phase } = gather;
  const why = message === '' ? reason : message;
  const isKept = files > 0 && (phase === 'Failed' || phase === 'Cancelled');
  if (why === '' && !isKept) return null;
  return (
    <div className="muster-aside">
      <bdi>{why}</bdi> {isKept && t('(what it wrote is kept)')}
    </div>
  );
}

function GatherTime({ gather }: { readonly gather: GatherStatus }) {
  const { startedAt, finishedAt } = gather;
  if (startedAt === undefined) return '–';
  if (finishedAt !== undefined) return formatElapsed(Date.parse(finishedAt) - Date.parse(startedAt));
  return isFinalGather(gather) ? '–' : <Running since={startedAt} />;
}

function Running({ since }: { readonly since: string }) {
  return formatElapsed(useServerNow() - Date.parse(since));
}
