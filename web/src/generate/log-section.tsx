import { Button, ExpandableSection } from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Report } from '../reports/report.ts';
import { useLogLines } from './use-log-lines.ts';

/** The log, unfolded on demand. */
export function LogSection({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const [isExpanded, setIsExpanded] = useState(false);
  return (
    <ExpandableSection
      toggleText={t('Log')}
      isExpanded={isExpanded}
      onToggle={(_event, expanded) => setIsExpanded(expanded)}
    >
      {isExpanded && <FollowedLog report={report} />}
    </ExpandableSection>
  );
}

/** Follows its end, until a person scrolls up to read. */
function FollowedLog({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const { lines, isCut } = useLogLines(report);
  const box = useRef<HTMLElement>(null);
  const [isFollowing, setIsFollowing] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves the end
  useEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, isFollowing]);
  const noteScroll = () => {
    const { current } = box;
    if (current !== null) setIsFollowing(current.scrollHeight - current.scrollTop - current.clientHeight < END_PX);
  };
  return (
    <>
      {isCut && <p className="muster-aside">{t('Its last {{count}} lines.', { count: lines.length })}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={box} className="muster-log" onScroll={noteScroll} tabIndex={0} aria-label={t('Log')}>
        <pre>{lines.length === 0 ? t('Nothing yet.') : lines.join('\n')}</pre>
      </section>
      {!isFollowing && (
        <Button variant="link" isInline onClick={() => setIsFollowing(true)}>
          {t('Go to the end, and follow')}
        </Button>
      )}
    </>
  );
}

/** So near the end counts as the end. */
const END_PX = 24;
