import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { hasArchive, type Report } from '../reports/report.ts';
import { useReportSource } from '../reports/report-source.ts';
import { useReportWords } from '../reports/report-words.ts';
import { RequestFailed } from '../reports/request-failed.ts';
import { useSay } from '../shell/toasts.tsx';
import { Confirm, type Question } from './confirm.tsx';
import { useQuestions } from './use-questions.ts';

/** What a person does with reports. Each tells of its own trouble, and resolves to whether it was done. */
export type ReportActions = {
  /** Asks for the same again, and first whether the archive that goes with that may. Resolves to the new report. */
  retry(report: Report): Promise<Report | undefined>;
  /** Asks first. */
  cancel(report: Report): Promise<boolean>;
  /** Asks first, once for all of them. */
  remove(reports: readonly Report[]): Promise<boolean>;
};

type Asked = { readonly question: Question; readonly answer: (isYes: boolean) => Promise<void> };

const ActionsContext = createContext<ReportActions | undefined>(undefined);

export const ActionsContextProvider = ActionsContext.Provider;

/** Several at once, without asking the service for hundreds at a time. */
const REMOVED_AT_ONCE = 4;

/** Holds the question that actions ask, above the pages below it. */
export function ReportActionsProvider({ children }: { readonly children: ReactNode }) {
  const [asked, setAsked] = useState<Asked>();
  const confirmed = useCallback(
    <T,>(question: Question, run: () => Promise<T | undefined>) =>
      new Promise<T | undefined>((resolve) => {
        const answer = async (isYes: boolean) => resolve(isYes ? await run() : undefined);
        setAsked({ question, answer });
      }),
    [],
  );
  const actions = useActions(confirmed);
  return (
    <ActionsContext.Provider value={actions}>
      {children}
      {asked !== undefined && (
        <Confirm
          question={asked.question}
          onYes={() => asked.answer(true)}
          onClose={() => {
            void asked.answer(false);
            setAsked(undefined);
          }}
        />
      )}
    </ActionsContext.Provider>
  );
}

/** Actions on reports, from anywhere. */
export function useReportActions(): ReportActions {
  const actions = useContext(ActionsContext);
  if (actions === undefined) throw new Error('no actions around this component');
  return actions;
}

/** `undefined` where the answer is no, or it came to nothing. */
type Confirmed = <T>(question: Question, run: () => Promise<T | undefined>) => Promise<T | undefined>;

function useActions(confirmed: Confirmed): ReportActions {
  const { t } = useTranslation();
  const source = useReportSource();
  const words = useReportWords();
  const questions = useQuestions();
  const say = useSay();
  /** Runs it, and says what went wrong. What is gone already needs no deleting. */
  const tried = async <T,>(title: string, run: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await run();
    } catch (error) {
      say({ variant: 'danger', title, text: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };
  const removeOne = (id: number) =>
    source.remove(id).catch((error: unknown) => {
      if (!(error instanceof RequestFailed && error.status === 404)) throw error;
    });
  return {
    retry: (report) => {
      const title = words.title(report);
      const again = () => tried(t('Report {{title}} could not be retried', { title }), () => source.retry(report.id));
      // Of one that failed only the log is there, and no page offers it.
      if (!hasArchive(report) || report.phase === 'Failed') return again();
      return confirmed(questions.retry(report), again);
    },
    cancel: async (report) => {
      const title = words.title(report);
      const isDone = await confirmed(questions.cancel(report), () =>
        tried(t('Report {{title}} could not be cancelled', { title }), async () => {
          await source.cancel(report.id);
          return true;
        }),
      );
      return isDone ?? false;
    },
    remove: async (reports) => {
      const [first] = reports;
      if (first === undefined) return false;
      const isDone = await confirmed(questions.remove(first, reports.length), () =>
        tried(t('Not all could be deleted'), async () => {
          for (let at = 0; at < reports.length; at += REMOVED_AT_ONCE) {
            await Promise.all(reports.slice(at, at + REMOVED_AT_ONCE).map(({ id }) => removeOne(id)));
          }
          return true;
        }),
      );
      return isDone ?? false;
    },
  };
}
