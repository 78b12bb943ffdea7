import { parseAllDocuments } from 'yaml';

/** One event as the page shows it. Times are RFC 3339 as the API wrote them, empty where it wrote none. */
export type EventRow = {
  readonly lastSeen: string;
  readonly firstSeen: string;
  readonly namespace: string;
  readonly component: string;
  readonly object: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
};

type Fields = { readonly [key: string]: unknown };

/**
 * The events in one `events.yaml`: an `EventList`, a `List`, a single `Event`, or several documents of these; of `v1`
 * and of `events.k8s.io`. Documents and items of other kinds are passed over. Throws when the text is no YAML.
 */
export function eventRowsOf(yamlText: string): EventRow[] {
  const rows: EventRow[] = [];
  for (const document of parseAllDocuments(yamlText)) {
    const [error] = document.errors ?? [];
    if (error) throw error;
    // Aliases in a file that somebody else wrote could blow up (`billion laughs`): events have none.
    for (const event of eventsIn(document.toJS({ maxAliasCount: 100 }))) rows.push(eventRow(event));
  }
  return rows;
}

/** The row of one event of `v1` or `events.k8s.io/v1`. */
export function eventRow(event: unknown): EventRow {
  const fields = fieldsOf(event);
  const metadata = fieldsOf(fields.metadata);
  const series = fieldsOf(fields.series);
  const source = fieldsOf(fields.source ?? fields.deprecatedSource);
  const about = fieldsOf(fields.involvedObject ?? fields.regarding);
  const created = metadata.creationTimestamp;
  return {
    lastSeen: firstText(
      series.lastObservedTime,
      fields.lastTimestamp,
      fields.deprecatedLastTimestamp,
      fields.eventTime,
      created,
    ),
    firstSeen: firstText(fields.firstTimestamp, fields.deprecatedFirstTimestamp, fields.eventTime, created),
    namespace: firstText(metadata.namespace, about.namespace),
    component: firstText(source.component, fields.reportingComponent, fields.reportingController),
    object: firstText(about.name),
    reason: firstText(fields.reason),
    message: firstText(fields.message, fields.note),
    count: firstCount(series.count, fields.count, fields.deprecatedCount),
  };
}

/** Newest first; events without a readable time come last. Does not change `rows`. */
export function newestFirst(rows: readonly EventRow[]): EventRow[] {
  const timed = rows.map((row) => ({ row, atMs: Date.parse(row.lastSeen) || 0 }));
  return timed.sort((one, other) => other.atMs - one.atMs).map(({ row }) => row);
}

function eventsIn(document: unknown): Fields[] {
  const fields = fieldsOf(document);
  if (fields.kind === 'Event') return [fields];
  if (!Array.isArray(fields.items)) return [];
  const areEvents = fields.kind === 'EventList';
  return fields.items.map(fieldsOf).filter(({ kind }) => (kind === undefined ? areEvents : kind === 'Event'));
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function firstText(...values: readonly unknown[]): string {
  for (const value of values) {
    if (typeof value === 'string' && value !== '') return value;
    // YAML of other writers may have plain numbers and dates where the API has strings.
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  }
  return '';
}

function firstCount(...values: readonly unknown[]): number {
  return values.find((value): value is number => typeof value === 'number' && value > 0) ?? 1;
}
