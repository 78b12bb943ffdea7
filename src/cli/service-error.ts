import { type ErrorCode, errorTable, MusterError, messageOf } from '../report/errors.ts';
import { quoted } from '../report/refusal.ts';

/** Something went wrong between this program and the service. */
export class ServiceError extends MusterError {
  /** Asking again later may help: nothing came back, or the service said so itself. */
  readonly isPassing: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { isPassing?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(code, message, { cause: more.cause });
    this.isPassing = more.isPassing ?? false;
    this.retryAfterMs = more.retryAfterMs;
  }
}

export type Refused = {
  readonly status: number;
  readonly body: string;
  readonly location?: string | undefined;
  readonly retryAfter?: string | undefined;
};

/** What an answer that is none of success means; the service's own refusals keep their code and words. */
export function refusedBy(url: string, { status, body, location, retryAfter }: Refused): ServiceError {
  const more = { isPassing: [429, 502, 503, 504].includes(status), retryAfterMs: secondsIn(retryAfter) };
  const said = saidIn(body);
  if (said !== undefined) return new ServiceError(said.code, said.message, more);
  if (status < 400) {
    const elsewhere = location === undefined ? '' : ` to ${quoted(location)}`;
    return new ServiceError(
      'ClusterRefused',
      `${url} redirects${elsewhere}: this is not the address of Muster's REST service`,
    );
  }
  const line = (body.trim().split('\n', 1)[0] ?? '').slice(0, 200);
  return new ServiceError(codeOf(status), `${url} answered ${status}${line === '' ? '' : `: ${line}`}`, more);
}

/** What it means that no answer came, or not all of it. */
export function unreached(url: string, cause: unknown): ServiceError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why = messageOf(cause) || code;
  if (/^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code)) {
    const message = `${url} could not be trusted: ${why}; --ca-file names the authority that signed its certificate`;
    return new ServiceError('ClusterUnreachable', message, { cause });
  }
  return new ServiceError('ClusterUnreachable', `${url} cannot be reached: ${why}`, { isPassing: true, cause });
}

/** The service's `{"code", "message"}`; undefined where something else answered. */
function saidIn(body: string): { code: ErrorCode; message: string } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // A proxy's page: `refusedBy` shows its first line.
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !('code' in parsed) || !('message' in parsed)) return undefined;
  const { code, message } = parsed;
  return isErrorCode(code) && typeof message === 'string' ? { code, message } : undefined;
}

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errorTable, code);

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'CredentialsRejected',
  403: 'RightsMissing',
  404: 'NotFound',
};

function codeOf(status: number): ErrorCode {
  return CODES[status] ?? (status >= 500 || status === 429 ? 'NotReady' : 'ClusterRefused');
}

/** Retry-After in seconds (RFC 9110 §10.2.3); a date is left to the usual wait. */
function secondsIn(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,4}$/.test(header.trim()) ? Number(header) * 1000 : undefined;
}
