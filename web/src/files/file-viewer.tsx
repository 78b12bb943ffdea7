import {
  Alert,
  Bullseye,
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  Flex,
  FlexItem,
  Spinner,
  Title,
} from '@patternfly/react-core';
import { CopyIcon, DownloadIcon, FileIcon } from '@patternfly/react-icons';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate } from 'react-router';
import { formatSize } from '../../../src/report/format.ts';
import { useReportSource } from '../reports/report-source.ts';
import { Failure } from '../shell/failure.tsx';
import { useSay } from '../shell/toasts.tsx';
import type { FileText, FileTextState } from './file-text.ts';
import { PlaceBar } from './place-bar.tsx';
import { TextRows } from './text-rows.tsx';
import { useFileText } from './use-file-text.ts';
import { ViewerToolbar } from './viewer-toolbar.tsx';

type FileViewerProps = { readonly id: number; readonly path: string };

/** One file of an archive: its text, whatever its size; what is no text can be downloaded. */
export function FileViewer({ id, path }: FileViewerProps) {
  const { text, state } = useFileText(id, path);
  const source = useReportSource();
  const url = source.fileUrl(id, path);
  const isOpen = state.kind === 'text' || state.kind === 'binary';
  return (
    <>
      <FileHeader path={path} url={url} sizeBytes={isOpen ? state.sizeBytes : undefined} />
      <FileContent name={path.slice(path.lastIndexOf('/') + 1)} url={url} text={text} state={state} />
    </>
  );
}

type FileHeaderProps = { readonly path: string; readonly url: string; readonly sizeBytes: number | undefined };

function FileHeader({ path, url, sizeBytes }: FileHeaderProps) {
  const { t } = useTranslation();
  const say = useSay();
  const copyPath = () => {
    navigator.clipboard.writeText(path).then(
      () => say({ variant: 'success', title: t('Path copied') }),
      (error: unknown) => say({ variant: 'warning', title: t('The path could not be copied'), text: String(error) }),
    );
  };
  return (
    <div>
      <Flex gap={{ default: 'gapSm' }} alignItems={{ default: 'alignItemsCenter' }}>
        <FlexItem grow={{ default: 'grow' }} className="muster-path">
          <Title headingLevel="h2" size="md">
            <bdi>{path.slice(path.lastIndexOf('/') + 1)}</bdi>
          </Title>
        </FlexItem>
        <Button variant="link" isInline icon={<CopyIcon />} onClick={copyPath}>
          {t('Copy path')}
        </Button>
        {sizeBytes !== undefined && (
          <Button variant="link" isInline icon={<DownloadIcon />} component="a" href={url} download>
            {t('Download this file')}
          </Button>
        )}
      </Flex>
      <p className="muster-path muster-quiet">
        <bdi>{path.slice(0, Math.max(path.lastIndexOf('/'), 0))}</bdi>
        {sizeBytes !== undefined && (
          <span title={t('{{size}} bytes', { size: sizeBytes })}>{` · ${formatSize(sizeBytes)}`}</span>
        )}
      </p>
    </div>
  );
}

type FileContentProps = {
  readonly name: string;
  readonly url: string;
  readonly text: FileText;
  readonly state: FileTextState;
};

function FileContent({ name, url, text, state }: FileContentProps) {
  const { t } = useTranslation();
  switch (state.kind) {
    case 'opening':
      return (
        <Bullseye>
          <Spinner aria-label={t('Opening {{name}}', { name })} />
        </Bullseye>
      );
    case 'failed':
      return <Failure error={state.error ?? new Error()} onRetry={() => void text.open()} />;
    case 'binary':
      return (
        <EmptyState headingLevel="h3" variant="sm" icon={FileIcon} titleText={t('Not a text file')}>
          <EmptyStateBody>{t('It can be downloaded and opened with a program that knows it.')}</EmptyStateBody>
          <EmptyStateFooter>
            <EmptyStateActions>
              <Button component="a" href={url} download>
                {t('Download {{size}}', { size: formatSize(state.sizeBytes) })}
              </Button>
            </EmptyStateActions>
          </EmptyStateFooter>
        </EmptyState>
      );
    case 'text':
      return state.sizeBytes === 0 ? (
        <EmptyState headingLevel="h3" variant="sm" icon={FileIcon} titleText={t('This file is empty')} />
      ) : (
        <ShownText name={name} text={text} state={state} />
      );
  }
}

function ShownText({ name, text, state }: Omit<FileContentProps, 'url'>) {
  const { t } = useTranslation();
  const [isWrapped, setIsWrapped] = useState(true);
  const { line, goToLine } = useLineInAddress();
  useEffect(() => {
    if (line !== undefined) void text.toLine(line);
  }, [text, line]);
  const { search, trouble } = state;
  return (
    <>
      <ViewerToolbar
        text={text}
        state={state}
        isWrapped={isWrapped}
        onWrap={setIsWrapped}
        onLine={(wanted) => {
          goToLine(wanted);
          // Also when the address names it already.
          if (wanted === line) void text.toLine(wanted);
        }}
      />
      <div aria-live="polite">
        {trouble === 'no-such-line' && (
          <Alert isInline isPlain variant="info" title={t('The file has no line {{line}}', { line })} />
        )}
        {trouble instanceof Error && (
          <Alert isInline variant="warning" title={t('The file could not be read further')}>
            {trouble.message}
          </Alert>
        )}
      </div>
      <TextRows
        name={name}
        stretches={state.stretches}
        goal={state.goal}
        isWrapped={isWrapped}
        query={search.query}
        matchOffset={search.matches[search.at]?.offset}
        line={line}
        onLine={goToLine}
      />
      <PlaceBar text={text} state={state} />
    </>
  );
}

/** The line that the address names, `#L120`. */
function useLineInAddress() {
  const { hash, pathname, search } = useLocation();
  const navigate = useNavigate();
  const line = /^#L([1-9]\d{0,9})$/.exec(hash)?.[1];
  return {
    line: line === undefined ? undefined : Number(line),
    goToLine: (wanted: number) => void navigate({ pathname, search, hash: `#L${wanted}` }, { replace: true }),
  };
}
