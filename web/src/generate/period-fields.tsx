import { FormGroup, FormSelect, FormSelectOption, Radio, Split, SplitItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { Period, Unit } from './draft.ts';
import { type FieldsProps, TextField } from './form-fields.tsx';

const CUSTOM = 'custom';

/** How far back what is gathered reaches. */
export function PeriodFields(props: FieldsProps) {
  const { t } = useTranslation();
  const { draft, onChange } = props;
  const isCustom = draft.period === 'last' || draft.period === 'since';
  const choices: readonly (readonly [Period | typeof CUSTOM, string])[] = [
    ['1h', t('Last 1 hour')],
    ['4h', t('Last 4 hours')],
    ['8h', t('Last 8 hours')],
    ['24h', t('Last 24 hours')],
    ['168h', t('Last 7 days')],
    ['everything', t('Everything')],
    [CUSTOM, t('Custom…')],
  ];
  return (
    <>
      <FormGroup label={t('Time period')} fieldId="generate-period">
        <FormSelect
          id="generate-period"
          value={isCustom ? CUSTOM : draft.period}
          onChange={(_event, value) => onChange({ period: value === CUSTOM ? 'last' : (value as Period) })}
        >
          {choices.map(([value, label]) => (
            <FormSelectOption key={value} value={value} label={label} />
          ))}
        </FormSelect>
      </FormGroup>
      {isCustom && <CustomPeriod {...props} />}
    </>
  );
}

function CustomPeriod(props: FieldsProps) {
  const { t } = useTranslation();
  const { draft, onChange } = props;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const units: readonly (readonly [Unit, string])[] = [
    ['m', t('minutes')],
    ['h', t('hours')],
    ['d', t('days')],
  ];
  return (
    <>
      <FormGroup role="radiogroup" isInline fieldId="generate-custom" label={t('Custom period')}>
        <Radio
          id="generate-last"
          name="generate-custom"
          label={t('The last …')}
          isChecked={draft.period === 'last'}
          onChange={() => onChange({ period: 'last' })}
        />
        <Radio
          id="generate-since"
          name="generate-custom"
          label={t('Since …')}
          isChecked={draft.period === 'since'}
          onChange={() => onChange({ period: 'since' })}
        />
      </FormGroup>
      {draft.period === 'last' ? (
        <Split hasGutter isWrappable>
          <SplitItem>
            <TextField {...props} field="amount" label={t('How many')} type="number" isRequired />
          </SplitItem>
          <SplitItem>
            <FormGroup label={t('Unit')} fieldId="generate-unit">
              <FormSelect
                id="generate-unit"
                value={draft.unit}
                onChange={(_event, unit) => onChange({ unit: unit as Unit })}
              >
                {units.map(([value, label]) => (
                  <FormSelectOption key={value} value={value} label={label} />
                ))}
              </FormSelect>
            </FormGroup>
          </SplitItem>
        </Split>
      ) : (
        <TextField
          {...props}
          field="moment"
          label={t('Since when')}
          type="datetime-local"
          help={t('In your time zone, {{timeZone}}.', { timeZone })}
          isRequired
        />
      )}
    </>
  );
}
