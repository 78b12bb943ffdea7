import { Dropdown, DropdownItem, DropdownList, MenuToggle, MenuToggleCheckbox } from '@patternfly/react-core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Report } from '../reports/report.ts';

type SelectManyProps = {
  readonly matching: readonly Report[];
  readonly shown: readonly Report[];
  readonly chosen: readonly Report[];
  readonly onSelect: (reports: readonly Report[], isSelected: boolean) => void;
};

/** Selects none, this page, or all that match. */
export function SelectMany({ matching, shown, chosen, onSelect }: SelectManyProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const count = chosen.length;
  const isPageChosen = shown.length > 0 && shown.every((report) => chosen.includes(report));
  const isChecked = isPageChosen ? true : count > 0 ? null : false;
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      toggle={(toggle) => (
        <MenuToggle
          ref={toggle}
          aria-label={t('Select several reports')}
          isExpanded={isOpen}
          isDisabled={matching.length === 0}
          onClick={() => setIsOpen(!isOpen)}
          splitButtonItems={[
            <MenuToggleCheckbox
              key="page"
              id={id}
              aria-label={t('Select this page')}
              isDisabled={matching.length === 0}
              isChecked={isChecked}
              onChange={() => onSelect(count > 0 ? chosen : shown, count === 0)}
            >
              {count === 0
                ? undefined
                : t('selectedCount', {
                    count,
                    defaultValue_one: '{{count}} selected',
                    defaultValue_other: '{{count}} selected',
                  })}
            </MenuToggleCheckbox>,
          ]}
        />
      )}
    >
      <DropdownList>
        <DropdownItem onClick={() => onSelect(chosen, false)}>{t('Select none')}</DropdownItem>
        <DropdownItem onClick={() => onSelect(shown, true)}>
          {t('Select this page ({{number}})', { number: shown.length })}
        </DropdownItem>
        <DropdownItem onClick={() => onSelect(matching, true)}>
          {t('Select all ({{number}})', { number: matching.length })}
        </DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}
