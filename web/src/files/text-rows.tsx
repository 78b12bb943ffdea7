import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { patternOf } from './find-text.ts';
import { LineText } from './line-text.tsx';
import { endOf, type Row, rowIndexAt, rowOf, type Stretch } from './stretch.ts';

type TextRowsProps = {
  readonly name: string;
  readonly stretches: readonly Stretch[];
  /** Where in the file to look now, in bytes. */
  readonly goal: { readonly offset: number } | undefined;
  readonly isWrapped: boolean;
  /** What to mark, '' for nothing. */
  readonly query: string;
  /** Where the match begins that is shown. */
  readonly matchOffset: number | undefined;
  /** The line that the address names. */
  readonly line: number | undefined;
  readonly onLine: (line: number) => void;
};

/** Any but the height of one row is measured. */
const ROW_PX = 21;

/** Text with its line numbers, of which only the rows in sight are in the page. */
export function TextRows(props: TextRowsProps) {
  const { name, stretches, goal, isWrapped, query, matchOffset, line, onLine } = props;
  const { t } = useTranslation();
  const scroller = useRef<HTMLElement>(null);
  const count = stretches.reduce((sum, { rowStarts }) => sum + rowStarts.length, 0);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  const kept = useRef({ stretches, top: 0 });
  // What was in sight stays there when something comes before it or goes.
  useEffect(() => {
    const { stretches: before, top } = kept.current;
    kept.current = { stretches, top };
    if (before === stretches) return;
    virtual.measure();
    const byte = byteOf(before, top);
    if (hasByte(stretches, byte)) virtual.scrollToIndex(indexOf(stretches, byte), { align: 'start' });
    else virtual.scrollToOffset(0);
  }, [stretches, virtual]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new goal scrolls, not what is read meanwhile
  useEffect(() => {
    if (goal !== undefined) virtual.scrollToIndex(indexOf(stretches, goal.offset), { align: 'center' });
  }, [goal]);

  const marked = useMemo(() => (query === '' ? undefined : patternOf(query)), [query]);
  const items = virtual.getVirtualItems();
  const first = items[0];
  const onScroll = () => {
    kept.current.top = virtual.getVirtualItemForOffset(virtual.scrollOffset ?? 0)?.index ?? 0;
  };
  return (
    <section
      ref={scroller}
      className={isWrapped ? 'muster-text muster-wrapped' : 'muster-text'}
      dir="ltr"
      aria-label={t('Text of {{name}}', { name })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys
      tabIndex={0}
      onScroll={onScroll}
    >
      <div style={{ height: virtual.getTotalSize() }}>
        <div className="muster-text-rows" style={{ transform: `translateY(${first?.start ?? 0}px)` }}>
          {items.map(({ index, key }) => {
            const row = rowAt(stretches, index);
            if (row === undefined) return null;
            const isMatch = matchOffset !== undefined && index === indexOf(stretches, matchOffset);
            const isHere = isMatch || (row.line !== undefined && row.line === line);
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className={isHere ? 'muster-line muster-line-here' : 'muster-line'}
              >
                <LineNumber row={row} onLine={onLine} />
                <LineText name={name} text={row.text} marked={marked} />
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

function LineNumber({ row: { line }, onLine }: { readonly row: Row; readonly onLine: (line: number) => void }) {
  const { t } = useTranslation();
  if (line === undefined) return <span className="muster-line-number" />;
  // By keys there is "Go to line": a stop at each of some thousand numbers helps nobody.
  return (
    <a
      className="muster-line-number"
      href={`#L${line}`}
      tabIndex={-1}
      aria-label={t('Line {{line}}', { line })}
      onClick={(event) => {
        event.preventDefault();
        onLine(line);
      }}
    >
      {line}
    </a>
  );
}

function rowAt(stretches: readonly Stretch[], index: number): Row | undefined {
  let left = index;
  for (const stretch of stretches) {
    if (left < stretch.rowStarts.length) return rowOf(stretch, left);
    left -= stretch.rowStarts.length;
  }
  return undefined;
}

function byteOf(stretches: readonly Stretch[], index: number): number {
  return rowAt(stretches, index)?.offset ?? -1;
}

function hasByte(stretches: readonly Stretch[], byte: number): boolean {
  return stretches.some((stretch) => stretch.offset <= byte && byte < endOf(stretch));
}

/** The row that holds a byte of the file, or the nearest. */
function indexOf(stretches: readonly Stretch[], byte: number): number {
  let before = 0;
  for (const stretch of stretches) {
    if (byte < endOf(stretch)) return before + rowIndexAt(stretch, byte);
    before += stretch.rowStarts.length;
  }
  return Math.max(before - 1, 0);
}
