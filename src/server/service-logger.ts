import { KubeError } from '../kube/errors.ts';
import { MusterError, messageOf } from '../report/errors.ts';

type Level = 'info' | 'warn' | 'error';
/** What a line is about. Never a token, a header or a body. */
export type LogFields = { readonly [name: string]: unknown };

/** The service's log: one JSON object a line. */
export type ServiceLogger = Readonly<Record<Level, (message: string, fields?: LogFields) => void>>;

/** Lines for whoever collects them: `time`, `level`, `message`, then what the line is about. */
export function createServiceLogger(write: (line: string) => void, now: () => number): ServiceLogger {
  const at =
    (level: Level) =>
    (message: string, fields: LogFields = {}) => {
      const told = Object.entries(fields).filter(([, value]) => value !== undefined);
      const line = Object.fromEntries(
        told.map(([name, value]) => [name, name === 'error' ? errorFields(value) : value]),
      );
      write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...line })}\n`);
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

function errorFields(error: unknown): LogFields {
  const message = messageOf(error);
  if (error instanceof MusterError) return { code: error.code, message };
  if (error instanceof KubeError) return { code: error.reason, status: error.status, message };
  // What nobody foresaw needs its place to be found.
  return { message, stack: error instanceof Error ? error.stack : undefined };
}
