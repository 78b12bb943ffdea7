import {
  Button,
  EmptyState,
  FormSelect,
  FormSelectOption,
  SearchInput,
  Spinner,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from '@patternfly/react-core';
import { DownloadIcon, PauseIcon, PlayIcon } from '@patternfly/react-icons';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isOngoing, type Report } from '../reports/report.ts';
import { useReportSource } from '../reports/report-source.ts';
import { Failure } from '../shell/failure.tsx';
import { LogLines } from './log-lines.tsx';
import { createLogSearch } from './log-window.ts';
import { type FollowedLog, useLog } from './use-log.ts';

/** The log of a report: follows it, finds words in it, downloads it. */
export function LogTab({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const source = useReportSource();
  const [gather, setGather] = useState('');
  return (
    <>
      <Toolbar>
        <ToolbarContent>
          {report.gathers.length > 1 && (
            <ToolbarItem>
              <FormSelect aria-label={t('Gather')} value={gather} onChange={(_, value) => setGather(value)}>
                <FormSelectOption value="" label={t('All gathers')} />
                {report.gathers.map(({ name }) => (
                  <FormSelectOption key={name} value={name} label={name} />
                ))}
              </FormSelect>
            </ToolbarItem>
          )}
          <ToolbarItem align={{ default: 'alignEnd' }}>
            <Button
              variant="secondary"
              component="a"
              href={source.logUrl(report.id)}
              download={`report-${report.id}.log`}
              icon={<DownloadIcon />}
            >
              {t('Download log')}
            </Button>
          </ToolbarItem>
        </ToolbarContent>
      </Toolbar>
      <OneLog key={gather} report={report} gather={gather === '' ? undefined : gather} />
    </>
  );
}

type OneLogProps = { readonly report: Report; readonly gather: string | undefined };

function OneLog({ report, gather }: OneLogProps) {
  const { t } = useTranslation();
  const followed = useLog(report, gather);
  const { log, version, state } = followed;
  const [isFollowing, setIsFollowing] = useState(isOngoing(report));
  const [text, setText] = useState('');
  const [looked, setLooked] = useState(0);
  const search = useMemo(() => createLogSearch(log, text), [log, text]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each version there is more to search
  const places = useMemo(() => search(), [search, version]);
  const at = places.length === 0 ? undefined : Math.min(looked, places.length - 1);
  const look = (steps: number) => {
    setIsFollowing(false);
    setLooked(((at ?? 0) + steps + places.length) % places.length);
  };
  const find = (wanted: string) => {
    setText(wanted);
    setLooked(0);
    if (wanted !== '') setIsFollowing(false);
  };
  if (state instanceof Error && log.total === 0) return <Failure error={state} />;
  if (log.total === 0) return <NoLines state={state} />;
  return (
    <>
      <div className="muster-header">
        <LogSearch text={text} at={at} count={places.length} onFind={find} onLook={look} />
        <LineCount log={log} />
        {state === 'waiting' && <span role="status">{t('Reconnecting…')}</span>}
        {state !== 'ended' && (
          <Button
            variant="secondary"
            icon={isFollowing ? <PauseIcon /> : <PlayIcon />}
            onClick={() => setIsFollowing(!isFollowing)}
          >
            {isFollowing ? t('Pause') : t('Follow')}
          </Button>
        )}
      </div>
      <LogLines
        log={log}
        version={version}
        isFollowing={isFollowing}
        onFollow={(wish) => setIsFollowing(wish && state !== 'ended')}
        text={text}
        foundAt={at === undefined ? undefined : places[at]}
      />
    </>
  );
}

type LogSearchProps = {
  readonly text: string;
  /** The match that is looked at, of so many. */
  readonly at: number | undefined;
  readonly count: number;
  readonly onFind: (text: string) => void;
  /** So many matches further, or back. */
  readonly onLook: (steps: number) => void;
};

function LogSearch({ text, at, count, onFind, onLook }: LogSearchProps) {
  const { t } = useTranslation();
  const isNone = count === 0;
  return (
    <div className="muster-search">
      <SearchInput
        aria-label={t('Search the log')}
        placeholder={t('Search the log')}
        value={text}
        onChange={(_, value) => onFind(value)}
        onClear={() => onFind('')}
        resetButtonLabel={t('Clear search')}
        {...(text === ''
          ? {}
          : {
              resultsCount: t('{{at}} of {{count}}', { at: at === undefined ? 0 : at + 1, count }),
              resultsCountContext: t('matches'),
              onNextClick: () => onLook(1),
              onPreviousClick: () => onLook(-1),
              isNextNavigationButtonDisabled: isNone,
              isPreviousNavigationButtonDisabled: isNone,
              nextNavigationButtonAriaLabel: t('Next match'),
              previousNavigationButtonAriaLabel: t('Previous match'),
            })}
        onKeyDown={({ key, shiftKey }) => {
          if (key === 'Enter' && !isNone) onLook(shiftKey ? -1 : 1);
        }}
      />
    </div>
  );
}

function LineCount({ log }: Pick<FollowedLog, 'log'>) {
  const { t, i18n } = useTranslation();
  return (
    <span className="muster-subtle">
      {log.dropped === 0
        ? t('lineCount', {
            count: log.total,
            number: log.total.toLocaleString(i18n.language),
            defaultValue_one: '{{number}} line',
            defaultValue_other: '{{number}} lines',
          })
        : t('The last {{held}} of {{total}} lines; the download has all', {
            held: log.held.toLocaleString(i18n.language),
            total: log.total.toLocaleString(i18n.language),
          })}
    </span>
  );
}

function NoLines({ state }: Pick<FollowedLog, 'state'>) {
  const { t } = useTranslation();
  if (state === 'reading') return <Spinner aria-label={t('Loading the log')} />;
  return (
    <EmptyState
      headingLevel="h2"
      titleText={state === 'ended' ? t('The log is empty') : t('Nothing has been logged yet')}
    />
  );
}
