import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { PHASES } from '../report/phases.ts';
import { statusSchema } from '../report/status.ts';
import type { ServiceClient } from './service-client.ts';
import { ServiceError } from './service-error.ts';

const { gathers, progress } = statusSchema.properties;

/** What this program reads of a report as REST shows it (`restReport`); what else is there is passed on with --output json. */
const reportSchema = Type.Object({
  id: Type.Integer(),
  'custom-name': Type.String(),
  'created-at': Type.String(),
  phase: Type.Enum([...PHASES]),
  message: Type.String(),
  'archive-name': Type.String(),
  'archive-size': Type.Integer(),
  'archive-sha256': Type.String(),
  'requested-by': Type.String(),
  'report-url': Type.String(),
  'started-at': Type.Union([Type.String(), Type.Null()]),
  'finished-at': Type.Union([Type.String(), Type.Null()]),
  'expires-at': Type.Union([Type.String(), Type.Null()]),
  progress: Type.Union([progress, Type.Null()]),
  gathers,
});
export type ReportAnswer = Static<typeof reportSchema>;

/** The report that the service answered with. */
export function reportIn(body: unknown, url: string): ReportAnswer {
  if (Value.Check(reportSchema, body)) return body;
  throw new ServiceError('ClusterRefused', `${url} does not answer as Muster does`);
}

export function reportsIn(body: unknown, url: string): ReportAnswer[] {
  return (Array.isArray(body) ? body : [body]).map((each) => reportIn(each, url));
}

/** By number or custom name. */
export const pathOf = (key: string | number): string => `/must-gather/${encodeURIComponent(key)}`;

export async function getReport(service: ServiceClient, key: string, signal: AbortSignal): Promise<ReportAnswer> {
  return reportIn((await service.json('GET', pathOf(key), { signal })).body, service.url);
}

/** The report of a number without its log, which may be 1 MiB: what is asked for again and again. */
export async function lookAtReport(service: ServiceClient, id: number, signal: AbortSignal): Promise<ReportAnswer> {
  // The first of those after the one before it.
  const after = id > 1 ? `&continue=${id - 1}` : '';
  const { body } = await service.json('GET', `/must-gather?limit=1${after}`, { signal });
  const [report] = reportsIn(body, service.url);
  if (report?.id === id) return report;
  throw new ServiceError('NotFound', `Report ${id} is gone`);
}
