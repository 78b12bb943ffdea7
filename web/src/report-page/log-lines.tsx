import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogWindow } from './log-window.ts';

/** Of one line, in pixels; log.css has the same. */
const LINE_HEIGHT = 20;
const LINES_BEYOND = 20;
/** So near to the end counts as the end. */
const NEAR_END = 2 * LINE_HEIGHT;

type LogLinesProps = {
  readonly log: LogWindow;
  readonly version: number;
  readonly isFollowing: boolean;
  readonly onFollow: (isFollowing: boolean) => void;
  /** What is searched for, and the place of the line that is looked at. */
  readonly text: string;
  readonly foundAt: number | undefined;
};

/** Lines of a log in a box that scrolls: only those that are seen are drawn. */
export function LogLines({ log, version, isFollowing, onFollow, text, foundAt }: LogLinesProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const shownDropped = useRef(log.dropped);
  const virtual = useVirtualizer({
    count: log.held,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: LINES_BEYOND,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each version there are other lines
  useLayoutEffect(() => {
    const gone = log.dropped - shownDropped.current;
    shownDropped.current = log.dropped;
    if (box.current === null) return;
    if (isFollowing) box.current.scrollTop = box.current.scrollHeight;
    // What a person reads stays where it is when lines above it go.
    else if (gone > 0) box.current.scrollTop -= gone * LINE_HEIGHT;
  }, [version, isFollowing, log]);
  useEffect(() => {
    if (foundAt !== undefined) virtual.scrollToIndex(foundAt - log.dropped, { align: 'center' });
  }, [foundAt, log, virtual]);
  const note = () => {
    if (box.current === null) return;
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (isAtEnd && !isFollowing && foundAt === undefined) onFollow(true);
  };
  return (
    // Whoever scrolls with the keyboard has to be able to go there.
    <section
      ref={box}
      className="muster-followed"
      aria-label={t('Log')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls takes the focus
      tabIndex={0}
      onScroll={note}
      onWheel={({ deltaY }) => deltaY < 0 && onFollow(false)}
      onKeyDown={({ key }) => ['ArrowUp', 'PageUp', 'Home'].includes(key) && onFollow(false)}
      onTouchMove={() => onFollow(false)}
    >
      <div className="muster-followed-all" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const place = log.dropped + index;
          return (
            <div
              key={place}
              className={place === foundAt ? 'muster-followed-line muster-followed-found' : 'muster-followed-line'}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Marked line={log.line(place)} text={text} />
            </div>
          );
        })}
      </div>
    </section>
  );
}

type MarkedProps = { readonly line: string; readonly text: string };

/** A line with each place marked where the text occurs. */
function Marked({ line, text }: MarkedProps) {
  if (text === '') return line;
  const parts: (string | { readonly at: number; readonly found: string })[] = [];
  const folded = line.toLowerCase();
  const wanted = text.toLowerCase();
  let from = 0;
  // Letters that change their length with their case would set the marks beside their text.
  for (let at = folded.indexOf(wanted); at !== -1 && folded.length === line.length; at = folded.indexOf(wanted, from)) {
    parts.push(line.slice(from, at), { at, found: line.slice(at, at + wanted.length) });
    from = at + wanted.length;
  }
  parts.push(line.slice(from));
  return parts.map((part) => (typeof part === 'string' ? part : <mark key={part.at}>{part.found}</mark>));
}
