import {
  Button,
  InputGroup,
  InputGroupItem,
  SearchInput,
  Switch,
  TextInput,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from '@patternfly/react-core';
import { type FormEvent, type KeyboardEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatSize } from '../../../src/report/format.ts';
import type { FileText, FileTextState } from './file-text.ts';
import { MOST_MATCHES } from './find-text.ts';

type ViewerToolbarProps = {
  readonly text: FileText;
  readonly state: FileTextState;
  readonly isWrapped: boolean;
  readonly onWrap: (isWrapped: boolean) => void;
  readonly onLine: (line: number) => void;
};

/** Search, lines and wrapping of one file. */
export function ViewerToolbar({ text, state, isWrapped, onWrap, onLine }: ViewerToolbarProps) {
  const { t } = useTranslation();
  return (
    <Toolbar inset={{ default: 'insetNone' }}>
      <ToolbarContent>
        <ToolbarItem className="muster-find">
          <FindInput text={text} state={state} />
        </ToolbarItem>
        {!state.search.isWhole && (
          <ToolbarItem>
            <Button variant="secondary" onClick={() => void text.findAll().then(() => text.step(1))}>
              {t('Search all {{size}}', { size: formatSize(state.sizeBytes) })}
            </Button>
          </ToolbarItem>
        )}
        <ToolbarItem>
          <LineInput onLine={onLine} />
        </ToolbarItem>
        <ToolbarItem alignSelf="center">
          <Switch
            id="muster-wrap"
            label={t('Wrap lines')}
            isChecked={isWrapped}
            onChange={(_event, checked) => onWrap(checked)}
          />
        </ToolbarItem>
      </ToolbarContent>
    </Toolbar>
  );
}

/** A person types on before all of a file is searched for the first letter. */
const TYPING_MS = 200;

function FindInput({ text, state }: Pick<ViewerToolbarProps, 'text' | 'state'>) {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const { search } = state;
  useEffect(() => {
    if (query === text.snapshot().search.query) return;
    const timer = setTimeout(() => text.find(query), TYPING_MS);
    return () => clearTimeout(timer);
  }, [query, text]);
  const step = (steps: number) => {
    if (query !== text.snapshot().search.query) text.find(query);
    void text.step(steps);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  };
  const count = search.matches.length === MOST_MATCHES ? `${MOST_MATCHES}+` : String(search.matches.length);
  const found = search.at === -1 ? count : t('{{at}} of {{count}}', { at: search.at + 1, count });
  return (
    <SearchInput
      aria-label={t('Search in this file')}
      placeholder={t('Search in this file')}
      value={query}
      onChange={(_event, value) => setQuery(value)}
      onClear={() => setQuery('')}
      onKeyDown={onKeyDown}
      {...(search.query === '' || query === ''
        ? {}
        : {
            resultsCount: found,
            resultsCountContext: t('matches'),
            onNextClick: () => step(1),
            onPreviousClick: () => step(-1),
            isNextNavigationButtonDisabled: search.matches.length === 0,
            isPreviousNavigationButtonDisabled: search.matches.length === 0,
            nextNavigationButtonAriaLabel: t('Next match'),
            previousNavigationButtonAriaLabel: t('Previous match'),
          })}
      resetButtonLabel={t('Clear the search')}
    />
  );
}

function LineInput({ onLine }: Pick<ViewerToolbarProps, 'onLine'>) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState('');
  const isLine = /^[1-9]\d{0,9}$/.test(wanted);
  const go = (event: FormEvent) => {
    event.preventDefault();
    if (isLine) onLine(Number(wanted));
  };
  return (
    <form onSubmit={go}>
      <InputGroup>
        <InputGroupItem className="muster-line-input">
          <TextInput
            aria-label={t('Line')}
            placeholder={t('Line')}
            inputMode="numeric"
            value={wanted}
            validated={wanted === '' || isLine ? 'default' : 'error'}
            onChange={(_event, value) => setWanted(value.trim())}
          />
        </InputGroupItem>
        <InputGroupItem>
          <Button variant="control" type="submit" isDisabled={!isLine}>
            {t('Go to line')}
          </Button>
        </InputGroupItem>
      </InputGroup>
    </form>
  );
}
