import {
  Alert,
  Button,
  ExpandableSection,
  Form,
  ModalBody,
  ModalFooter,
  ModalHeader,
  Skeleton,
  Stack,
  StackItem,
} from '@patternfly/react-core';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { formatSize } from '../../../src/report/format.ts';
import type { ComponentList } from '../../../src/report/rest-components.ts';
import type { Report } from '../reports/report.ts';
import { useReports } from '../reports/report-source.ts';
import { useComponents } from '../reports/use-components.ts';
import { Failure } from '../shell/failure.tsx';
import { AdvancedFields } from './advanced-fields.tsx';
import { AskFailure } from './ask-failure.tsx';
import { CHOICE_NOTE_ID, ComponentChoice } from './component-choice.tsx';
import { costOf, roughly } from './cost.ts';
import type { DialogKeeper } from './kept-dialog.ts';
import { PeriodFields } from './period-fields.tsx';
import { type DraftForm, useDraft } from './use-draft.ts';
import type { GeneratePreset } from './use-generate.ts';

type GenerateFormProps = {
  readonly preset: GeneratePreset;
  readonly kept: DialogKeeper;
  readonly titleId: string;
  readonly onAsked: (report: Report) => void;
  readonly onClose: () => void;
};

const FORM_ID = 'generate-form';

/** What a report is to be of. What was entered stays until it was taken. */
export function GenerateForm({ preset, kept, titleId, onAsked, onClose }: GenerateFormProps) {
  const { t } = useTranslation();
  const { data: list, error, failureReason, refetch } = useComponents();
  const form = useDraft({ preset, kept, list, onAsked });
  const trouble = error ?? failureReason;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void form.ask();
  };
  return (
    <>
      <ModalHeader title={<span className="muster-title">{t('Generate diagnostic report')}</span>} labelId={titleId} />
      <ModalBody>
        {list === undefined && trouble !== null && <Failure error={trouble} onRetry={() => void refetch()} />}
        <Form id={FORM_ID} onSubmit={submit} noValidate>
          <AskFailure form={form} onShow={onAsked} />
          {list === undefined ? trouble === null && <Loading /> : <Choices form={form} list={list} preset={preset} />}
          {list !== undefined && <PeriodFields {...form.fields} />}
          {list !== undefined && (
            <ExpandableSection
              toggleText={t('Advanced')}
              isExpanded={form.isAdvanced}
              onToggle={(_event, isExpanded) => form.setIsAdvanced(isExpanded)}
              isIndented
            >
              <div className="pf-v6-c-form">{form.isAdvanced && <AdvancedFields {...form.fields} />}</div>
            </ExpandableSection>
          )}
          {list !== undefined && <CostHint form={form} list={list} />}
        </Form>
      </ModalBody>
      <ModalFooter className="muster-buttons">
        <Button
          type="submit"
          form={FORM_ID}
          isAriaDisabled={form.whyNot !== ''}
          aria-describedby={CHOICE_NOTE_ID}
          isLoading={form.isAsking}
          isDisabled={form.isAsking}
        >
          {t('Generate')}
        </Button>
        <Button variant="link" onClick={onClose}>
          {t('Cancel')}
        </Button>
      </ModalFooter>
    </>
  );
}

type PartProps = { readonly form: DraftForm; readonly list: ComponentList };

function Choices({ form, list, preset }: PartProps & { readonly preset: GeneratePreset }) {
  const { t } = useTranslation();
  const wanted = preset.components ?? [];
  const unknown = wanted.filter((name) => !list.components.some((component) => component.name === name));
  return (
    <>
      {unknown.length > 0 && (
        <Alert
          isInline
          variant="info"
          title={t('No gather image is known for {{names}}', { names: unknown.join(', ') })}
          className="muster-prose"
        >
          {unknown.length === wanted.length && t('The cluster itself is selected in its place.')}
        </Alert>
      )}
      <ComponentChoice
        list={list}
        selected={new Set(form.selected)}
        onSelect={(selected) => form.fields.onChange({ selected })}
        problem={form.whyNot}
      />
    </>
  );
}

function CostHint({ form, list }: PartProps) {
  const { t, i18n } = useTranslation();
  const { reports } = useReports();
  const { draft } = form.fields;
  const image = draft.image.trim();
  const wanted = {
    components: form.selected,
    images: image === '' ? [] : [image],
    since: draft.period === 'everything' ? '' : draft.period,
  };
  const isEverything = form.selected.length === list.components.length;
  const cost = form.whyNot === '' ? costOf(wanted, isEverything, reports) : undefined;
  if (cost === undefined) return null;
  const size = formatSize(cost.sizeBytes);
  return (
    <p className="muster-aside">
      {t('Last time: {{size}} in {{time}}', { size, time: roughly(cost.elapsedMs, i18n.language) })}
    </p>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <Stack hasGutter role="status">
      {['60%', '90%', '75%', '85%'].map((width, at) => (
        <StackItem key={width}>
          <Skeleton width={width} fontSize="lg" {...(at === 0 && { screenreaderText: t('Loading components') })} />
        </StackItem>
      ))}
    </Stack>
  );
}
