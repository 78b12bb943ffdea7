import type { TFunction } from 'i18next';
import { parsePositiveDuration } from '../../../src/report/duration.ts';
import { messageOf } from '../../../src/report/errors.ts';
import { parseImageReference } from '../../../src/report/image-reference.ts';
import { parseLabelSelector } from '../../../src/report/label-selector.ts';
import { parseCustomName, parseNodeName } from '../../../src/report/names.ts';
import type { ReportRequest } from '../reports/report.ts';

/** How far back: a duration as REST takes it, all there is, or as the person says below. */
export type Period = '1h' | '4h' | '8h' | '24h' | '168h' | 'everything' | 'last' | 'since';
export type Unit = 'm' | 'h' | 'd';

/** What a person has entered so far. Texts are as typed; empty is left out. */
export type Draft = {
  /** Names of components; `undefined` until something was changed. */
  readonly selected: ReadonlySet<string> | undefined;
  readonly period: Period;
  /** With `last`: how many of which unit. */
  readonly amount: string;
  readonly unit: Unit;
  /** With `since`: local time, as `<input type="datetime-local">` has it. */
  readonly moment: string;
  readonly where: 'any' | 'node' | 'nodes';
  readonly nodeName: string;
  readonly nodeSelector: string;
  readonly timeout: string;
  readonly deleteAfter: string;
  readonly customName: string;
  readonly image: string;
  readonly command: string;
};

export const EMPTY_DRAFT: Draft = {
  selected: undefined,
  period: '8h',
  amount: '2',
  unit: 'h',
  moment: '',
  where: 'any',
  nodeName: '',
  nodeSelector: '',
  timeout: '',
  deleteAfter: '',
  customName: '',
  image: '',
  command: '',
};

/** Where a refusal is shown. */
export type Field = Exclude<keyof Draft, 'selected' | 'unit' | 'where'>;
export type Problems = Readonly<Partial<Record<Field, string>>>;

/** Fields that are folded away, in the order in which they stand. */
export const ADVANCED_FIELDS: readonly Field[] = [
  'nodeName',
  'nodeSelector',
  'timeout',
  'deleteAfter',
  'customName',
  'image',
  'command',
];

/** The request that a draft is, for the components of these names. */
export function requestOf(draft: Draft, components: readonly string[]): ReportRequest {
  const { customName, image, where, nodeName, nodeSelector, timeout, deleteAfter, command } = draft;
  return {
    ...(components.length === 0 ? {} : { components }),
    ...(image.trim() === '' ? {} : { images: [image.trim()] }),
    ...periodOf(draft),
    ...(where === 'node' && { 'node-name': nodeName.trim() }),
    ...(where === 'nodes' && { 'node-selector': nodeSelector.trim() }),
    ...(timeout.trim() === '' ? {} : { timeout: timeout.trim() }),
    ...(deleteAfter.trim() === '' ? {} : { 'delete-after': deleteAfter.trim() }),
    ...(customName.trim() === '' ? {} : { 'custom-name': customName.trim() }),
    ...(command.trim() === '' ? {} : { command }),
  };
}

function periodOf({ period, amount, unit, moment }: Draft): Pick<ReportRequest, 'since' | 'since-time'> {
  if (period === 'everything') return {};
  if (period === 'since') return { 'since-time': new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z') };
  if (period !== 'last') return { since: period };
  return { since: unit === 'd' ? `${Number(amount) * 24}h` : `${Number(amount)}${unit}` };
}

/** What is wrong with a draft, by field. `nowMs` is the service's clock. */
export function problemsOf(draft: Draft, t: TFunction, nowMs: number): Problems {
  const problems: { [F in Field]?: string } = {};
  const check = (field: Field, run: (text: string) => unknown) => {
    const text = draft[field].trim();
    if (text === '') return;
    const problem = refusalOf(() => run(text));
    if (problem !== undefined) problems[field] = problem;
  };
  const mustHave = (field: Field, run: (text: string) => unknown) => {
    if (draft[field].trim() === '') problems[field] = t('Fill this in.');
    else check(field, run);
  };
  if (draft.period === 'last' && !/^0*[1-9]\d{0,5}$/.test(draft.amount.trim())) {
    problems.amount = t('Write a whole number above 0.');
  }
  const chosenMs = new Date(draft.moment).getTime();
  if (draft.period === 'since' && Number.isNaN(chosenMs)) problems.moment = t('Choose a day and a time.');
  if (draft.period === 'since' && chosenMs >= nowMs) problems.moment = t('Choose a time in the past.');
  if (draft.where === 'node') mustHave('nodeName', parseNodeName);
  if (draft.where === 'nodes') mustHave('nodeSelector', parseLabelSelector);
  check('timeout', parsePositiveDuration);
  check('deleteAfter', (text) => text === 'never' || parsePositiveDuration(text));
  check('customName', parseCustomName);
  check('image', parseImageReference);
  return problems;
}

function refusalOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

const FIELD_OF_KEY: ReadonlyMap<string, Field> = new Map([
  ['node-name', 'nodeName'],
  ['node-selector', 'nodeSelector'],
  ['timeout', 'timeout'],
  ['delete-after', 'deleteAfter'],
  ['custom-name', 'customName'],
  ['images', 'image'],
  ['image', 'image'],
  ['command', 'command'],
  ['since', 'amount'],
  ['since-time', 'moment'],
]);

/** The field of a refusal by the service, whose message begins with the key of REST: `timeout: "1d": …`. */
export function refusedField(message: string, { period }: Draft): { field: Field; problem: string } | undefined {
  const [, key = '', problem = ''] = /^([a-z-]+): (.*)$/s.exec(message) ?? [];
  const field = FIELD_OF_KEY.get(key);
  if (field === undefined || (field === 'amount' && period !== 'last')) return undefined;
  return { field, problem };
}
