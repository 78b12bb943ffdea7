import { Spinner } from '@patternfly/react-core';
import {
  AngleDownIcon,
  AngleRightIcon,
  ExternalLinkSquareAltIcon,
  FileIcon,
  FolderIcon,
  FolderOpenIcon,
  RedoIcon,
} from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import { formatSize } from '../../../src/report/format.ts';
import type { EntryRow, FolderRow, TreeRow } from './tree-rows.ts';

type TreeItemProps = {
  readonly id: string;
  readonly index: number;
  readonly row: TreeRow;
  /** Where it stands in the list. */
  readonly startPx: number;
  readonly isFocused: boolean;
  readonly isSelected: boolean;
  readonly measure: (element: HTMLElement | null) => void;
  readonly onAct: (row: TreeRow) => void;
};

/** One row of the tree. Its keys are the tree's, which has the focus. */
export function TreeItem({ id, index, row, startPx, isFocused, isSelected, measure, onAct }: TreeItemProps) {
  const classes = ['muster-tree-row', isFocused && 'muster-focused', isSelected && 'muster-selected'];
  const place =
    row.kind === 'entry'
      ? { 'aria-expanded': row.isExpanded, 'aria-posinset': row.position, 'aria-setsize': row.setSize }
      : {};
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and the keys (aria-activedescendant)
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and the keys (aria-activedescendant)
    <div
      ref={measure}
      id={id}
      data-index={index}
      role="treeitem"
      aria-level={row.level}
      aria-selected={isSelected}
      {...place}
      className={classes.filter(Boolean).join(' ')}
      style={{ transform: `translateY(${startPx}px)`, paddingInlineStart: `${row.level - 0.5}rem` }}
      onClick={() => onAct(row)}
    >
      {row.kind === 'entry' ? <Entry row={row} /> : <FolderEnd row={row} />}
    </div>
  );
}

function Entry({ row: { entry, isExpanded } }: { readonly row: EntryRow }) {
  const { t } = useTranslation();
  return (
    <>
      <span className="muster-tree-icon" aria-hidden="true">
        {isExpanded === true && <AngleDownIcon />}
        {isExpanded === false && <AngleRightIcon className="muster-mirrored" />}
      </span>
      <span className="muster-tree-icon" aria-hidden="true">
        <EntryIcon type={entry.type} isExpanded={isExpanded} />
      </span>
      <bdi className="muster-tree-name" title={entry.name}>
        {entry.name}
      </bdi>
      {entry.type === 'symlink' && (
        <bdi className="muster-tree-more" title={entry.linkTarget}>
          {t('links to {{target}}', { target: entry.linkTarget ?? '' })}
        </bdi>
      )}
      {entry.type === 'file' && <span className="muster-tree-size">{formatSize(entry.sizeBytes)}</span>}
    </>
  );
}

function EntryIcon({ type, isExpanded }: { readonly type: string; readonly isExpanded: boolean | undefined }) {
  if (type === 'symlink') return <ExternalLinkSquareAltIcon />;
  if (type !== 'directory') return <FileIcon />;
  return isExpanded === true ? <FolderOpenIcon /> : <FolderIcon />;
}

function FolderEnd({ row }: { readonly row: FolderRow }) {
  const { t } = useTranslation();
  switch (row.kind) {
    case 'loading':
      return (
        <>
          <Spinner size="sm" aria-hidden="true" />
          <span>{t('Loading…')}</span>
        </>
      );
    case 'failed':
      return (
        <>
          <RedoIcon aria-hidden="true" />
          <span className="muster-tree-name" title={row.error?.message}>
            {t('Could not be read. Try again')}
          </span>
        </>
      );
    case 'more':
      return <span className="muster-tree-action">{t('Show more')}</span>;
    case 'empty':
      return <span>{t('Nothing in it')}</span>;
  }
}
