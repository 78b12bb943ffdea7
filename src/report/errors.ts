/**
 * Every error that a person can meet, once. REST, command line and pages use this table, so the same trouble has the
 * same code, the same HTTP status and the same exit code wherever it shows.
 */
export const errorTable = {
  InvalidInput: { httpStatus: 400, exitCode: 2, todo: 'Correct the value and ask again.' },
  ConflictingInput: { httpStatus: 400, exitCode: 2, todo: 'Give one of them.' },
  NothingSelected: { httpStatus: 400, exitCode: 2, todo: 'Change the selector, or leave it out.' },
  NotFound: { httpStatus: 404, exitCode: 2, todo: 'Check the name and ask again.' },
  MethodNotAllowed: { httpStatus: 405, exitCode: 2, todo: 'Use one of the methods of the Allow header.' },
  Conflict: { httpStatus: 409, exitCode: 2, todo: 'Look at the state of the report, then decide again.' },
  ChangedMeanwhile: { httpStatus: 412, exitCode: 1, todo: 'Fetch it again from its beginning.' },
  TooLarge: { httpStatus: 413, exitCode: 2, todo: 'Send less.' },
  UnsupportedMediaType: { httpStatus: 415, exitCode: 2, todo: 'Send JSON, with Content-Type: application/json.' },
  RangeOutside: { httpStatus: 416, exitCode: 2, todo: 'Ask for bytes within the size of the archive.' },
  NotHere: { httpStatus: 421, exitCode: 1, todo: 'Connect again, and ask again.' },
  DestinationUnusable: { httpStatus: 507, exitCode: 2, todo: 'Choose another destination, or make room there.' },
  DestinationFailed: { httpStatus: 507, exitCode: 1, todo: 'Make room there, or choose another destination.' },
  StoreUnavailable: {
    httpStatus: 503,
    exitCode: 1,
    todo: 'Check that the store can be reached and lets Muster in, then try again.',
  },
  KubeconfigUnusable: { httpStatus: 500, exitCode: 1, todo: 'Check --kubeconfig, KUBECONFIG and --context.' },
  ClusterUnreachable: {
    httpStatus: 503,
    exitCode: 1,
    todo: 'Check the network and the server address, then try again.',
  },
  TooManyRequests: { httpStatus: 429, exitCode: 1, todo: 'Wait as long as Retry-After says, then ask again.' },
  NotReady: { httpStatus: 503, exitCode: 1, todo: 'Wait for what is missing, or mend it.' },
  CredentialsRejected: { httpStatus: 401, exitCode: 1, todo: 'Log in again.' },
  RightsMissing: { httpStatus: 403, exitCode: 1, todo: 'Ask as a cluster-admin.' },
  CrossSite: {
    httpStatus: 403,
    exitCode: 1,
    todo: 'Ask from the pages of Muster itself, or with a token in the Authorization header.',
  },
  ClusterRefused: { httpStatus: 502, exitCode: 1, todo: 'Read the reason that the cluster gave.' },
  GatherFailed: { httpStatus: 500, exitCode: 1, todo: 'Read gather.logs in the archive.' },
  SandboxUnavailable: { httpStatus: 503, exitCode: 1, todo: 'Use a cluster instead: --current, or --on CONTEXT.' },
  ArchiveBroken: { httpStatus: 500, exitCode: 1, todo: 'Fetch or make the archive again.' },
  Interrupted: { httpStatus: 499, exitCode: 130, todo: 'Run it again when ready.' },
  Internal: { httpStatus: 500, exitCode: 1, todo: 'Please report this, with the message.' },
} as const satisfies Record<string, { httpStatus: number; exitCode: number; todo: string }>;

export type ErrorCode = keyof typeof errorTable;

export type MusterErrorOptions = {
  /** The flag, key or field that was refused, as the asker wrote it: `--timeout`, `spec.timeout`. */
  readonly field?: string;
  readonly cause?: unknown;
};

/** An error out of the table: `message` says what happened and to what, `todo` says what to do next. */
export class MusterError extends Error {
  override readonly name = 'MusterError';
  readonly code: ErrorCode;
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, options: MusterErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.field = options.field;
  }

  get todo(): string {
    return errorTable[this.code].todo;
  }

  get exitCode(): number {
    return errorTable[this.code].exitCode;
  }

  get httpStatus(): number {
    return errorTable[this.code].httpStatus;
  }
}

/** The text of anything that was thrown, for a line in a log or a reason in a status. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
