/** One event of the cluster that is about a report; GET /must-gather/KEY/events answers with those of one. */
export type ReportHappening = {
  /** `Normal` or `Warning`. */
  readonly type: string;
  /** One word for programs. */
  readonly reason: string;
  readonly message: string;
  /** RFC 3339: when it happened last. */
  readonly at: string;
  /** How often it happened. */
  readonly count: number;
};
