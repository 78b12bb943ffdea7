import {
  Alert,
  Checkbox,
  Flex,
  FlexItem,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  Icon,
  List,
  ListItem,
  SearchInput,
} from '@patternfly/react-core';
import { CheckCircleIcon, ExclamationTriangleIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Component, ComponentList } from '../../../src/report/rest-components.ts';

export const CHOICE_NOTE_ID = 'generate-components-note';

type ComponentChoiceProps = {
  readonly list: ComponentList;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
  /** Why the choice will not do; empty when it will. */
  readonly problem: string;
};

/** Which components a report is of. */
export function ComponentChoice({ list, selected, onSelect, problem }: ComponentChoiceProps) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState('');
  const { components } = list;
  const shown = components.filter((component) => isMatch(component, filter));
  const chosen = shown.filter(({ name }) => selected.has(name)).length;
  const select = (names: readonly string[], isChosen: boolean) => {
    const after = new Set(selected);
    for (const name of names) {
      if (isChosen) after.add(name);
      else after.delete(name);
    }
    onSelect(after);
  };
  const count = components.filter(({ name }) => selected.has(name)).length;
  return (
    <FormGroup role="group" label={t('Components')} fieldId="generate-components">
      <Flex justifyContent={{ default: 'justifyContentSpaceBetween' }}>
        <FlexItem>
          <SearchInput
            aria-label={t('Filter components')}
            placeholder={t('Filter…')}
            value={filter}
            onChange={(_event, value) => setFilter(value)}
            onClear={() => setFilter('')}
            // The key that sends a form, pressed to search, must not send this one.
            onKeyDown={(event) => {
              if (event.key === 'Enter') event.preventDefault();
            }}
          />
        </FlexItem>
        <FlexItem>
          <Checkbox
            id="generate-select-all"
            label={t('Select all ({{count}})', { count: shown.length })}
            isChecked={chosen > 0 && chosen === shown.length}
            isDisabled={shown.length === 0}
            onChange={() =>
              select(
                shown.map(({ name }) => name),
                chosen < shown.length,
              )
            }
          />
        </FlexItem>
      </Flex>
      <div className="muster-choice">
        <List isPlain isBordered aria-label={t('Components')}>
          {shown.map((component) => (
            <ListItem key={component.name}>
              <ComponentItem
                component={component}
                isChosen={selected.has(component.name)}
                onChoose={(isChosen) => select([component.name], isChosen)}
              />
            </ListItem>
          ))}
          {shown.length === 0 && <ListItem>{t('No component matches.')}</ListItem>}
        </List>
      </div>
      <FormHelperText>
        <HelperText id={CHOICE_NOTE_ID} isLiveRegion>
          <HelperTextItem variant={problem === '' ? 'default' : 'error'}>
            {problem === '' ? t('{{count}} of {{total}} selected', { count, total: components.length }) : problem}
          </HelperTextItem>
        </HelperText>
      </FormHelperText>
      <Warnings warnings={list.warnings} />
    </FormGroup>
  );
}

function isMatch({ name, title, image }: Component, filter: string): boolean {
  const wanted = filter.trim().toLowerCase();
  return [name, title, image].some((text) => text.toLowerCase().includes(wanted));
}

type ComponentItemProps = {
  readonly component: Component;
  readonly isChosen: boolean;
  readonly onChoose: (isChosen: boolean) => void;
};

function ComponentItem({ component, isChosen, onChoose }: ComponentItemProps) {
  const { t } = useTranslation();
  const { name, title, image, healthy, message } = component;
  return (
    <Flex
      justifyContent={{ default: 'justifyContentSpaceBetween' }}
      columnGap={{ default: 'columnGapMd' }}
      rowGap={{ default: 'rowGapXs' }}
    >
      <FlexItem flex={{ default: 'flex_1' }} className="muster-component">
        <Checkbox
          id={`generate-component-${name}`}
          label={<bdi>{title}</bdi>}
          description={<bdi>{image}</bdi>}
          isChecked={isChosen}
          onChange={(_event, checked) => onChoose(checked)}
          aria-describedby={`generate-health-${name}`}
          className="muster-prose"
        />
      </FlexItem>
      <FlexItem>
        <div id={`generate-health-${name}`} className="muster-health">
          <div className="muster-with-icon">
            <Icon isInline status={healthy ? 'success' : 'warning'} aria-hidden>
              {healthy ? <CheckCircleIcon /> : <ExclamationTriangleIcon />}
            </Icon>
            {healthy ? t('healthy') : t('degraded')}
          </div>
          {message !== '' && (
            <div className="muster-aside">
              <bdi>{message}</bdi>
            </div>
          )}
        </div>
      </FlexItem>
    </Flex>
  );
}

function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  const { t } = useTranslation();
  if (warnings.length === 0) return null;
  return (
    <Alert isInline isPlain isExpandable variant="warning" title={t('Some components may be missing')}>
      <List isPlain>
        {warnings.map((warning) => (
          <ListItem key={warning} className="muster-prose">
            <bdi>{warning}</bdi>
          </ListItem>
        ))}
      </List>
    </Alert>
  );
}
