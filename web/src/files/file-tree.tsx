import { Bullseye, SearchInput } from '@patternfly/react-core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TreeItem } from './tree-item.tsx';
import { type TreeRow, treeRows } from './tree-rows.ts';
import type { FileTreeData } from './use-file-tree.ts';
import { useTreeKeys } from './use-tree-keys.ts';

type FileTreeProps = {
  readonly tree: FileTreeData;
  /** The path of the file that is shown beside it, '' for none. */
  readonly selected: string;
  readonly onSelect: (path: string) => void;
};

/** Any but the height of one row is measured. */
const ROW_PX = 32;

/** What an archive holds, as a tree of which only the rows in sight are in the page. */
export function FileTree({ tree, selected, onSelect }: FileTreeProps) {
  const { t } = useTranslation();
  const { folders, expanded, expand, collapse, more } = tree;
  const [filter, setFilter] = useState('');
  const wanted = useDeferredValue(filter);
  const rows = useMemo(() => treeRows({ folders, expanded, filter: wanted }), [folders, expanded, wanted]);
  const [focused, setFocused] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);
  const idPrefix = useId();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 10,
  });

  const focusedAt = rows.findIndex(({ key }) => key === (focused ?? selected));
  const at = Math.max(focusedAt, 0);
  const goTo = useCallback(
    (index: number) => {
      setFocused(rows[index]?.key);
      virtual.scrollToIndex(index, { align: 'auto' });
    },
    [rows, virtual],
  );
  const act = useCallback(
    (row: TreeRow) => {
      setFocused(row.key);
      if (row.kind === 'more' || row.kind === 'failed') return more(row.path);
      if (row.kind !== 'entry') return undefined;
      if (row.isExpanded === undefined) return onSelect(row.path);
      return row.isExpanded ? collapse(row.path) : expand(row.path);
    },
    [more, onSelect, collapse, expand],
  );
  const keys = useMemo(() => ({ rows, at, goTo, act, expand, collapse }), [rows, at, goTo, act, expand, collapse]);
  const onKeyDown = useTreeKeys(keys);

  // A file that the address names comes into sight once its folder is there.
  const selectedAt = rows.findIndex(({ key }) => key === selected);
  const isSelectedThere = selectedAt !== -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: later changes of the tree must not scroll it
  useEffect(() => {
    if (isSelectedThere) virtual.scrollToIndex(selectedAt, { align: 'auto' });
  }, [selected, isSelectedThere]);

  const items = virtual.getVirtualItems();
  const isFocusedShown = items.some(({ index }) => index === at);
  return (
    <div className="muster-tree">
      <SearchInput
        aria-label={t('Find by name in what is open')}
        placeholder={t('Find by name')}
        value={filter}
        onChange={(_event, value) => setFilter(value)}
        onClear={() => setFilter('')}
      />
      <div
        ref={scroller}
        className="muster-tree-rows"
        role="tree"
        tabIndex={0}
        aria-label={t('Files of the archive')}
        aria-activedescendant={isFocusedShown ? `${idPrefix}${at}` : undefined}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map(({ index, key, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <TreeItem
                key={key}
                id={`${idPrefix}${index}`}
                index={index}
                measure={virtual.measureElement}
                row={row}
                startPx={start}
                isFocused={index === at}
                isSelected={row.key === selected}
                onAct={act}
              />
            );
          })}
        </div>
      </div>
      {rows.length === 0 && wanted !== '' && (
        <Bullseye>
          <p role="status">{t('Nothing that is open has this in its name.')}</p>
        </Bullseye>
      )}
    </div>
  );
}
