import { Readable } from 'node:stream';
import { outputFolder } from '../gather/service-log.ts';
import { archiveKey } from '../gather/service-run.ts';
import { logExcerpt } from '../gather/stored-log.ts';
import { isAlreadyExists, isNotFound } from '../kube/errors.ts';
import type { Kube } from '../kube/kube.ts';
import type { Numbers } from '../operator/numbers.ts';
import {
  FINALIZER,
  ID_LABEL,
  type MustGatherReport,
  mustGatherReports,
  numberOf,
  REQUESTED_BY_ANNOTATION,
  RETRY_OF_ANNOTATION,
} from '../operator/report-kind.ts';
import type { ReportWatch } from '../operator/report-watch.ts';
import { MusterError } from '../report/errors.ts';
import { isFinal } from '../report/lifecycle.ts';
import { findReport } from '../report/rest-list.ts';
import type { ReportObject } from '../report/rest-report.ts';
import { type Spec, specDefaults } from '../report/spec.ts';
import type { Store } from '../store/store.ts';
import { verify } from '../store/verify.ts';
import { watchedChanges } from './cluster-changes.ts';
import { eventsOf } from './cluster-events.ts';
import { storedLines } from './cluster-logs.ts';
import type { Reading } from './reading.ts';
import type { Reports } from './reports.ts';

/** Of the log in `exec-output`, this much of its beginning and as much of its end (design, Log text). */
const EXCERPT_BYTES = 512 * 1024;
/** Names that somebody else took meanwhile. */
const MOST_NAMES_TRIED = 10;

export type ClusterReportsOptions = {
  readonly kube: Kube;
  readonly watch: ReportWatch;
  readonly store: Store;
  readonly numbers: Numbers;
  /** Told of archives that are being fetched. */
  readonly reading: Reading;
  /** Where the service makes reports; it shows those of all namespaces. */
  readonly namespace: string;
};

/** A report of the cluster as REST sees it. */
export type ClusterReport = ReportObject & { readonly object: MustGatherReport };

/** The reports of the cluster, for the routes: looked up in the watch cache, changed by the API. */
export function createClusterReports(options: ClusterReportsOptions): Reports {
  const { kube, watch, store, numbers, namespace, reading } = options;
  const seen = new WeakMap<MustGatherReport, ClusterReport>();
  const shown = (object: MustGatherReport): ClusterReport => {
    const found = seen.get(object) ?? clusterReport(object);
    seen.set(object, found);
    return found;
  };
  const list = () => watch.cache.values().map(shown);

  const create = async (spec: Spec, annotations: Record<string, string>, signal: AbortSignal) => {
    for (let tried = 0; tried < MOST_NAMES_TRIED; tried += 1) {
      const number = await numbers.next(signal);
      const metadata = {
        name: `report-${number}`,
        namespace,
        labels: { [ID_LABEL]: String(number) },
        annotations,
        finalizers: [FINALIZER],
      };
      try {
        return shown(await kube.create(mustGatherReports, { metadata, spec }, { namespace, signal }));
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
    throw new MusterError('Conflict', `the names of the next ${MOST_NAMES_TRIED} reports are taken already`);
  };
  const remove = async (report: ReportObject, signal: AbortSignal) => {
    const { name = '', namespace: where, uid } = objectOf(report).metadata;
    await kube.remove(mustGatherReports, name, { namespace: where, uid, signal });
  };
  return {
    list,
    get: async (key, signal) => {
      const found = findReport(list(), key);
      if (found !== undefined || !/^[1-9]\d{0,15}$/.test(key)) return found;
      // Made by another replica a moment ago: the watch has not told of it yet.
      for await (const object of kube.list(mustGatherReports, { labelSelector: `${ID_LABEL}=${key}`, signal })) {
        return shown(object);
      }
      return undefined;
    },
    create: (spec, { username }, signal) => create(spec, { [REQUESTED_BY_ANNOTATION]: username }, signal),
    cancel: async (report, _caller, signal) => {
      const { name = '', namespace: where } = objectOf(report).metadata;
      try {
        const change = { spec: { cancel: true } };
        return shown(await kube.patch(mustGatherReports, name, 'merge', change, { namespace: where, signal }));
      } catch (error) {
        if (isNotFound(error)) throw new MusterError('NotFound', `Report ${report.status?.id} is gone.`);
        throw error;
      }
    },
    retry: async (report, { username }, signal) => {
      const retryOf = String(report.status?.id ?? '');
      const annotations = { [REQUESTED_BY_ANNOTATION]: username, [RETRY_OF_ANNOTATION]: retryOf };
      const made = await create({ ...report.spec, cancel: false }, annotations, signal);
      await remove(report, signal);
      return made;
    },
    remove: (report, _caller, signal) => remove(report, signal),
    execOutput: (report) => logExcerpt(store, outputFolder(uidOf(report)), EXCERPT_BYTES),
    logs: (report, query, signal) => {
      const { name = '', namespace: where } = objectOf(report).metadata;
      const isOver = () => {
        const now = watch.cache.get(name, where);
        return now === undefined || isFinal(now.status?.phase ?? 'New');
      };
      return storedLines({ store, reportUid: uidOf(report), isOver }, query, signal);
    },
    events: (report, signal) => eventsOf(kube, objectOf(report), signal),
    changes: async function* (signal) {
      for await (const { type, object } of watchedChanges(watch, signal)) yield { type, report: shown(object) };
    },
    verify: async (report, signal) => {
      const { size = 0, sha256 = '' } = report.status?.archive ?? {};
      return await verify(store, archiveKey(uidOf(report)), { sizeBytes: size, sha256 }, signal);
    },
    archive: async (report) => {
      const { archive } = report.status ?? {};
      const key = archiveKey(uidOf(report));
      if (archive === undefined || (await store.list(`archives/${uidOf(report)}`)).length === 0) return undefined;
      return {
        sizeBytes: archive.size,
        sha256: archive.sha256,
        read: (range) =>
          reading.count(uidOf(report), Readable.from(readRange(store, key, range), { objectMode: false })),
      };
    },
  };
}

async function* readRange(store: Store, key: string, range: { start: number; end: number }): AsyncGenerator<Buffer> {
  yield* await store.read(key, range);
}

function objectOf(report: ReportObject): MustGatherReport {
  if ('object' in report) return (report as ClusterReport).object;
  throw new Error('the report is not one of the cluster');
}

const uidOf = (report: ReportObject) => objectOf(report).metadata.uid ?? '';

/** The number stands in the label before the operator has written a status, and so does who asked. */
function clusterReport(object: MustGatherReport): ClusterReport {
  const { metadata, spec, status } = object;
  const id = numberOf(object);
  const requestedBy = metadata.annotations?.[REQUESTED_BY_ANNOTATION];
  return {
    metadata,
    // The API server has filled in the defaults; an object of an older schema may lack some.
    spec: { ...specDefaults, ...(spec as object) } as Spec,
    status: {
      ...(id === undefined ? {} : { id }),
      ...(requestedBy === undefined ? {} : { requestedBy }),
      ...status,
    },
    object,
  };
}
