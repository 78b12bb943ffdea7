import {
  Badge,
  Button,
  MenuToggle,
  SearchInput,
  Select,
  SelectList,
  SelectOption,
  Toolbar,
  ToolbarContent,
  ToolbarFilter,
  ToolbarItem,
} from '@patternfly/react-core';
import { FilterIcon } from '@patternfly/react-icons';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PHASES } from '../../../src/report/phases.ts';
import type { Phase } from '../../../src/report/status.ts';
import { useReportActions } from '../report-actions/use-report-actions.tsx';
import type { Report } from '../reports/report.ts';
import { usePhaseWords } from '../reports/status-label.tsx';
import type { ListView } from './list-view.ts';
import { SelectMany } from './select-many.tsx';

type ListToolbarProps = {
  readonly view: ListView;
  readonly onChange: (change: Partial<ListView>) => void;
  readonly matching: readonly Report[];
  readonly shown: readonly Report[];
  readonly chosen: readonly Report[];
  readonly onSelect: (reports: readonly Report[], isSelected: boolean) => void;
  readonly pages: ReactNode;
};

/** Chooses what the list shows, and does something with several reports at once. */
export function ListToolbar({ view, onChange, matching, shown, chosen, onSelect, pages }: ListToolbarProps) {
  const { t } = useTranslation();
  const words = usePhaseWords();
  const actions = useReportActions();
  const { phases, text } = view;
  const toggle = (phase: Phase) =>
    onChange({ phases: phases.includes(phase) ? phases.filter((each) => each !== phase) : [...phases, phase] });
  const remove = async () => {
    if (await actions.remove(chosen)) onSelect(chosen, false);
  };
  return (
    <Toolbar
      className="muster-toolbar"
      clearAllFilters={() => onChange({ text: '', phases: [] })}
      clearFiltersButtonText={t('Clear all filters')}
    >
      <ToolbarContent>
        <ToolbarItem>
          <SelectMany matching={matching} shown={shown} chosen={chosen} onSelect={onSelect} />
        </ToolbarItem>
        <ToolbarItem className="muster-search">
          <SearchInput
            aria-label={t('Search reports')}
            placeholder={t('Name, component, person…')}
            value={text}
            resetButtonLabel={t('Clear search')}
            onChange={(_, value) => onChange({ text: value })}
            onClear={() => onChange({ text: '' })}
          />
        </ToolbarItem>
        <ToolbarFilter
          categoryName={t('Status')}
          labels={phases.map((phase) => ({ key: phase, node: words[phase] }))}
          deleteLabel={(_, label) => toggle(label as Phase) /* PatternFly gives the key back */}
          deleteLabelGroup={() => onChange({ phases: [] })}
        >
          <StatusFilter phases={phases} onToggle={toggle} />
        </ToolbarFilter>
        <ToolbarItem>
          <Button variant="secondary" isDanger isDisabled={chosen.length === 0} onClick={() => void remove()}>
            {chosen.length === 0 ? t('Delete') : t('Delete ({{number}})', { number: chosen.length })}
          </Button>
        </ToolbarItem>
        <ToolbarItem variant="pagination" align={{ default: 'alignEnd' }}>
          {pages}
        </ToolbarItem>
      </ToolbarContent>
      <div role="status" className="pf-v6-screen-reader">
        {text !== '' || phases.length > 0
          ? t('matchCount', {
              count: matching.length,
              defaultValue_one: '{{count}} report matches',
              defaultValue_other: '{{count}} reports match',
            })
          : ''}
      </div>
    </Toolbar>
  );
}

type StatusFilterProps = { readonly phases: readonly Phase[]; readonly onToggle: (phase: Phase) => void };

function StatusFilter({ phases, onToggle }: StatusFilterProps) {
  const { t } = useTranslation();
  const words = usePhaseWords();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Select
      role="menu"
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      selected={phases}
      onSelect={(_, phase) => onToggle(phase as Phase)}
      toggle={(toggle) => (
        <MenuToggle
          ref={toggle}
          icon={<FilterIcon />}
          isExpanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          badge={phases.length > 0 ? <Badge isRead>{phases.length}</Badge> : undefined}
        >
          {t('Status')}
        </MenuToggle>
      )}
    >
      <SelectList>
        {PHASES.map((phase) => (
          <SelectOption key={phase} hasCheckbox value={phase} isSelected={phases.includes(phase)}>
            {words[phase]}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
