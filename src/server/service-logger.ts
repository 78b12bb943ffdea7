import { KubeError } from '../kube/errors.ts';
import { MusterError, messageOf } from '../report/errors.ts';
import { LOG_LEVELS, type LogLevel } from '../report/service-config.ts';

/** What a line is about. Never a token, a header or a body. */
export type LogFields = { readonly [name: string]: unknown };

/** The service's log: one JSON object a line. */
export type ServiceLogger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

/** Lines of `least` and above, for whoever collects them: `time`, `level`, `message`, then what the line is about. */
export function createServiceLogger(
  write: (line: string) => void,
  now: () => number,
  least: LogLevel = 'info',
): ServiceLogger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
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
