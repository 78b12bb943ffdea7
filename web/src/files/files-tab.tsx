import { EmptyState, EmptyStateBody, Grid, GridItem } from '@patternfly/react-core';
import { FileIcon } from '@patternfly/react-icons';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate } from 'react-router';
import { hasArchive, isOngoing, type Report } from '../reports/report.ts';
import { Failure } from '../shell/failure.tsx';
import { usePaths } from '../shell/paths.ts';
import { FileTree } from './file-tree.tsx';
import { FileViewer } from './file-viewer.tsx';
import { entryAt } from './tree-rows.ts';
import { useFileTree } from './use-file-tree.ts';

type FilesTabProps = { readonly report: Report };

/** What a report gathered, file by file, read out of its archive. */
export function FilesTab({ report }: FilesTabProps) {
  const { t } = useTranslation();
  if (hasArchive(report)) return <Files key={report.id} id={report.id} />;
  const text = isOngoing(report)
    ? t('The files can be looked at once the report is ready.')
    : t('This report has no archive, so there are no files.');
  return <Nothing title={t('No files')}>{text}</Nothing>;
}

function Files({ id }: { readonly id: number }) {
  const { t } = useTranslation();
  const path = usePathInArchive(id);
  const paths = usePaths();
  const navigate = useNavigate();
  const tree = useFileTree(id, path);
  const viewer = useRef<HTMLDivElement>(null);
  const top = tree.folders.get('');
  if (top?.error !== undefined && top.entries.length === 0) {
    return <Failure error={top.error} onRetry={() => tree.more('')} />;
  }
  const show = (file: string) => {
    // `navigate` answers with a promise in data routers only.
    void navigate(paths.file(id, file));
    // On a small screen the file stands below the tree.
    viewer.current?.scrollIntoView({ block: 'nearest' });
  };
  const entry = entryAt(tree.folders, path);
  return (
    <Grid hasGutter className="muster-files">
      <GridItem lg={4} xl={3}>
        <FileTree tree={tree} selected={path} onSelect={show} />
      </GridItem>
      <GridItem lg={8} xl={9}>
        <div ref={viewer} className="muster-viewer">
          {path === '' || entry?.type === 'directory' ? (
            <Nothing title={t('Choose a file')}>{t('What it holds is shown here.')}</Nothing>
          ) : entry?.type === 'symlink' ? (
            <Nothing title={t('A symbolic link')}>
              {t('It links to {{target}}. Links are told, and not followed.', { target: entry.linkTarget ?? '' })}
            </Nothing>
          ) : (
            <FileViewer key={path} id={id} path={path} />
          )}
        </div>
      </GridItem>
    </Grid>
  );
}

/** The path in the archive that the address names, '' for none. Names are encoded one by one: they may hold any character. */
function usePathInArchive(id: number): string {
  const { pathname } = useLocation();
  const before = usePaths().file(id, '');
  if (!pathname.startsWith(before)) return '';
  try {
    return pathname.slice(before.length).split('/').filter(Boolean).map(decodeURIComponent).join('/');
  } catch {
    // Somebody typed a lone percent sign.
    return pathname.slice(before.length);
  }
}

function Nothing({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <EmptyState headingLevel="h2" variant="sm" icon={FileIcon} titleText={title}>
      <EmptyStateBody>{children}</EmptyStateBody>
    </EmptyState>
  );
}
