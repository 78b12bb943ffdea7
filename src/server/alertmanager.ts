import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { proxyAgentOptions } from '../kube/proxy.ts';
import type { ActiveAlert } from '../report/rest-overview.ts';

/** A firing alert. `operator` is the ClusterOperator that it is about, where it names one. */
export type Alert = Omit<ActiveAlert, 'component'> & { readonly operator?: string };

/** The alerts that fire now, the worst first. Throws an Error that says why they cannot be told. */
export type ReadAlerts = (signal: AbortSignal) => Promise<readonly Alert[]>;

export type AlertmanagerOptions = {
  readonly url: string;
  /** PEM; read each time, since files of a pod are renewed. What Node.js trusts, unless told. */
  readonly caFile: string | undefined;
  /** Holds the bearer token to send, over https only; read each time. */
  readonly tokenFile: string | undefined;
  /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read from here; without, no proxy is asked. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

const ACTIVE = '/api/v2/alerts?active=true&silenced=false&inhibited=false';
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_ALERTS = 100;
const LONGEST_TEXT = 1000;
const WORST_FIRST = ['critical', 'warning', 'info'];

/** Alerts out of an Alertmanager (its API v2). */
export function createAlertReader({ url, caFile, tokenFile, env = {} }: AlertmanagerOptions): ReadAlerts {
  const isSecure = url.startsWith('https:');
  return async (signal) => {
    const ca = caFile === undefined ? undefined : await readFile(caFile, { signal });
    const token = isSecure && tokenFile !== undefined ? (await readFile(tokenFile, 'utf8')).trim() : '';
    const headers = { accept: 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) };
    const agent = new (isSecure ? HttpsAgent : HttpAgent)(proxyAgentOptions(url, env));
    try {
      const how = { headers, signal, agent, ...(ca === undefined ? {} : { ca }) };
      return alertsIn(await fetchText(`${url}${ACTIVE}`, how));
    } finally {
      agent.destroy();
    }
  };
}

type Asked = {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
  readonly agent: HttpAgent;
  readonly ca?: Buffer;
};

/** The body of a 200. A redirect is none: the token goes nowhere else. */
function fetchText(url: string, options: Asked): Promise<string> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const request = send(url, options, (response) => {
      if (response.statusCode !== 200) {
        response.destroy();
        reject(new Error(`Alertmanager answered ${response.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      response.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        chunks.push(chunk);
        if (sizeBytes > MOST_BYTES) response.destroy(new Error(`Alertmanager answered more than ${MOST_BYTES} bytes`));
      });
      response.on('error', reject);
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    request.on('error', reject);
    request.end();
  });
}

function alertsIn(text: string): Alert[] {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) throw new Error('Alertmanager answered no list');
  // `none` is Watchdog's: it always fires, to show that alerting works.
  const alerts = parsed.map(alertOf).filter((alert) => alert.severity !== 'none');
  return alerts.sort(worstThenNewest).slice(0, MOST_ALERTS);
}

function alertOf(given: unknown): Alert {
  const { labels, annotations, startsAt } = fieldsOf(given);
  const { alertname, severity, name } = fieldsOf(labels);
  const { summary, description, message } = fieldsOf(annotations);
  const isOfOperator = textOf(alertname).startsWith('ClusterOperator') && textOf(name) !== '';
  return {
    name: textOf(alertname) || 'Alert',
    severity: textOf(severity) || 'info',
    summary: textOf(summary) || textOf(message) || textOf(description),
    activeSince: textOf(startsAt),
    ...(isOfOperator ? { operator: textOf(name) } : {}),
  };
}

function worstThenNewest(one: Alert, other: Alert): number {
  const byTime = one.activeSince < other.activeSince ? 1 : Number(one.activeSince > other.activeSince) * -1;
  return rankOf(one) - rankOf(other) || byTime;
}

function rankOf({ severity }: Alert): number {
  const place = WORST_FIRST.indexOf(severity);
  return place === -1 ? WORST_FIRST.length : place;
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : '');
