import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import type { ComponentList } from '../../../src/report/rest-components.ts';
import type { Report, ReportRequest } from '../reports/report.ts';
import { useReportSource, useReports } from '../reports/report-source.ts';
import {
  ADVANCED_FIELDS,
  type Draft,
  EMPTY_DRAFT,
  type Field,
  type Problems,
  problemsOf,
  refusedField,
  requestOf,
} from './draft.ts';
import { type FieldsProps, idOfField } from './form-fields.tsx';
import type { DialogKeeper } from './kept-dialog.ts';
import { type GeneratePreset, selectionOf } from './use-generate.ts';

/** A request that came to nothing, or whose answer was lost. */
type FailedAsk = {
  readonly error: Error;
  readonly request: ReportRequest;
  /** Of the newest report that was known before. */
  readonly afterId: number;
};

export type DraftForm = {
  readonly fields: FieldsProps;
  /** Names of components, in the order of the list. */
  readonly selected: readonly string[];
  /** Why nothing can be asked for; empty when it can. */
  readonly whyNot: string;
  readonly isAdvanced: boolean;
  readonly setIsAdvanced: (isAdvanced: boolean) => void;
  readonly isAsking: boolean;
  readonly failed: FailedAsk | undefined;
  /** Asks for the report, unless something is wrong: then it says what, at its field. */
  readonly ask: () => Promise<void>;
};

type DraftOptions = {
  readonly preset: GeneratePreset;
  /** What was entered before; each change goes there. */
  readonly kept: DialogKeeper;
  readonly list: ComponentList | undefined;
  readonly onAsked: (report: Report) => void;
};

/** What a person enters, what is wrong with it, and the asking itself. */
export function useDraft({ preset, kept, list, onAsked }: DraftOptions): DraftForm {
  const { t } = useTranslation();
  const source = useReportSource();
  const { reports } = useReports();
  const [draft, setDraft] = useState(kept.current.draft ?? EMPTY_DRAFT);
  const [isAdvanced, setIsAdvanced] = useState(() => isAnyAdvanced(draft));
  const [left, setLeft] = useState<ReadonlySet<Field>>(new Set());
  const [refused, setRefused] = useState<Problems>({});
  const [isAsking, setIsAsking] = useState(false);
  const [failed, setFailed] = useState<FailedAsk>();

  useEffect(() => {
    kept.current = { preset, draft };
  }, [kept, preset, draft]);

  const names = list?.components.map(({ name }) => name) ?? [];
  const chosen = draft.selected ?? selectionOf(preset, names);
  const selected = names.filter((name) => chosen.has(name));
  const hasImage = draft.image.trim() !== '';
  const found = () => problemsOf(draft, t, source.serverNow());

  const goTo = (field: Field) => {
    // A field that is folded away or that has just been shown can take the focus only once it stands.
    flushSync(() => {
      if (ADVANCED_FIELDS.includes(field)) setIsAdvanced(true);
    });
    document.getElementById(idOfField(field))?.focus();
  };
  const say = (problems: Problems): boolean => {
    const [first] = Object.keys(problems) as Field[];
    if (first === undefined) return false;
    setLeft(new Set([...left, ...(Object.keys(problems) as Field[])]));
    goTo(first);
    return true;
  };
  const fail = (error: unknown, request: ReportRequest, afterId: number) => {
    const reason = error instanceof Error ? error : new Error(String(error));
    const refusal = refusedField(reason.message, draft);
    if (refusal === undefined) return setFailed({ error: reason, request, afterId });
    setRefused({ [refusal.field]: refusal.problem });
    goTo(refusal.field);
  };
  const ask = async () => {
    if (isAsking || list === undefined || (selected.length === 0 && !hasImage)) return;
    setFailed(undefined);
    setRefused({});
    if (say(found())) return;
    const request = requestOf(draft, selected);
    const afterId = reports[0]?.id ?? 0;
    setIsAsking(true);
    try {
      onAsked(await source.ask(request));
    } catch (error) {
      fail(error, request, afterId);
    } finally {
      setIsAsking(false);
    }
  };
  return {
    fields: {
      draft,
      problems: { ...onlyOf(found(), left), ...refused },
      onChange: (change) => {
        setDraft((before) => ({ ...before, ...change }));
        setRefused((before) => withoutAny(before, change));
      },
      onLeave: (field) => setLeft((before) => new Set([...before, field])),
    },
    selected,
    whyNot: list !== undefined && selected.length === 0 && !hasImage ? t('Select at least one component.') : '',
    isAdvanced,
    setIsAdvanced,
    isAsking,
    failed,
    ask,
  };
}

function isAnyAdvanced(draft: Draft): boolean {
  return draft.where !== 'any' || ADVANCED_FIELDS.some((field) => draft[field] !== '');
}

function onlyOf(problems: Problems, fields: ReadonlySet<Field>): Problems {
  return Object.fromEntries(Object.entries(problems).filter(([field]) => fields.has(field as Field)));
}

/** What was refused stays refused until it is changed. */
function withoutAny(problems: Problems, change: Partial<Draft>): Problems {
  return Object.fromEntries(Object.entries(problems).filter(([field]) => !(field in change)));
}
