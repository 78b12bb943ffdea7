import { isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import { type Lease, leases } from './kinds.ts';
import type { Kube } from './kube.ts';
import { realTimers, sleep, type Timers } from './timers.ts';

export type LeaseLockOptions = {
  readonly namespace: string;
  readonly name: string;
  /** Who holds it: unique for each process. */
  readonly identity: string;
  /** Others may take it when it was not renewed for this long; 15 s unless told. */
  readonly durationMs?: number | undefined;
  /** The holder gives up when it could not renew for this long; 10 s unless told, and less than `durationMs`. */
  readonly renewDeadlineMs?: number | undefined;
  /** Between tries; 2 s unless told. */
  readonly retryMs?: number | undefined;
  /** Told of every failure that is tried again, for a log. */
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly timers?: Timers | undefined;
  readonly random?: (() => number) | undefined;
};

export type HeldLease = {
  /** Aborted when the lease is lost or released: whatever is done under the lease must stop with it. */
  readonly lost: AbortSignal;
  /**
   * Whether the lease is surely ours at this moment, by the clock: true does not outlast a stop of the process, as an
   * alarm that is late would.
   */
  isHeld(): boolean;
  /** Stops renewing and lets the next one have it at once. */
  release(): Promise<void>;
};

type Settings = { [Key in keyof Omit<LeaseLockOptions, 'onError'>]-?: NonNullable<LeaseLockOptions[Key]> } & Pick<
  LeaseLockOptions,
  'onError'
>;

/** The lease as last seen, and when by our own clock: clocks of other machines are not trusted, as in client-go. */
type Seen = { readonly renewal: string; readonly atMs: number };

/** Waits until the lease is ours, then keeps renewing it. Throws the signal's reason when that is aborted before. */
export async function acquireLease(kube: Kube, options: LeaseLockOptions, signal: AbortSignal): Promise<HeldLease> {
  const settings: Settings = {
    ...options,
    durationMs: options.durationMs ?? 15_000,
    renewDeadlineMs: options.renewDeadlineMs ?? 10_000,
    retryMs: options.retryMs ?? 2_000,
    timers: options.timers ?? realTimers,
    random: options.random ?? Math.random,
  };
  let seen: Seen | undefined;
  for (;;) {
    signal.throwIfAborted();
    const startedAtMs = settings.timers.now();
    try {
      const lease = await readLease(kube, settings, signal);
      seen = look(lease, seen, settings);
      if (mayTake(lease, seen, settings))
        return hold(kube, settings, await take(kube, lease, settings, signal), startedAtMs);
    } catch (error) {
      signal.throwIfAborted();
      // Somebody else was faster: no failure.
      if (!isConflict(error)) settings.onError?.(error);
    }
    // Up to a fifth longer at random, so that contenders do not meet again and again.
    await sleep(settings.timers, settings.retryMs * (1 + settings.random() / 5), signal);
  }
}

async function readLease(kube: Kube, { name, namespace }: Settings, signal: AbortSignal): Promise<Lease | undefined> {
  try {
    return await kube.get(leases, name, { namespace, signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function look(lease: Lease | undefined, before: Seen | undefined, { timers }: Settings): Seen {
  const renewal = `${lease?.metadata.resourceVersion ?? ''} ${lease?.spec?.renewTime ?? ''}`;
  return before?.renewal === renewal ? before : { renewal, atMs: timers.now() };
}

function mayTake(lease: Lease | undefined, seen: Seen, { identity, durationMs, timers }: Settings): boolean {
  const holder = lease?.spec?.holderIdentity ?? '';
  if (holder === '' || holder === identity) return true;
  const validMs = lease?.spec?.leaseDurationSeconds === undefined ? durationMs : lease.spec.leaseDurationSeconds * 1000;
  return timers.now() - seen.atMs >= validMs;
}

async function take(kube: Kube, lease: Lease | undefined, settings: Settings, signal: AbortSignal): Promise<Lease> {
  const { name, namespace, identity, timers } = settings;
  const now = microTime(timers.now());
  const spec: Lease['spec'] = {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(settings.durationMs / 1000),
    acquireTime: now,
    renewTime: now,
    leaseTransitions: (lease?.spec?.leaseTransitions ?? -1) + (lease?.spec?.holderIdentity === identity ? 0 : 1),
  };
  if (lease === undefined) return kube.create(leases, { metadata: { name, namespace }, spec }, { namespace, signal });
  return write(kube, lease, spec, settings, signal);
}

/** Writes only on top of what was read: the API answers 409 when somebody wrote in between. */
function write(
  kube: Kube,
  lease: Lease,
  spec: Lease['spec'],
  { name, namespace }: Settings,
  signal?: AbortSignal,
): Promise<Lease> {
  const { resourceVersion } = lease.metadata;
  return kube.patch(leases, name, 'merge', { metadata: { resourceVersion }, spec }, { namespace, signal });
}

function hold(kube: Kube, settings: Settings, taken: Lease, takenAtMs: number): HeldLease {
  const { timers, renewDeadlineMs } = settings;
  const lost = new AbortController();
  let lease = taken;
  // Counted from before each request: when it was written lies somewhere after.
  const alarm = (fromMs: number) =>
    timers.after(fromMs + renewDeadlineMs - timers.now(), () =>
      lost.abort(new Error('the lease could not be renewed')),
    );
  let callOff = alarm(takenAtMs);
  let renewedAtMs = takenAtMs;

  const renew = async () => {
    const startedAtMs = timers.now();
    try {
      lease = await write(kube, lease, { renewTime: microTime(startedAtMs) }, settings, lost.signal);
      callOff();
      callOff = alarm(startedAtMs);
      renewedAtMs = startedAtMs;
    } catch (error) {
      if (lost.signal.aborted) return;
      settings.onError?.(error);
      if (!isConflict(error) && !isNotFound(error) && !isAlreadyExists(error)) return;
      const found = await readLease(kube, settings, lost.signal);
      // A renewal whose answer was cut off conflicts with itself; a lease that was deleted is anybody's.
      if (found?.spec?.holderIdentity === settings.identity) lease = found;
      else lost.abort(new Error(`the lease is held by ${found?.spec?.holderIdentity || 'nobody'}`));
    }
  };

  const keep = async () => {
    while (!lost.signal.aborted) {
      await sleep(timers, settings.retryMs, lost.signal);
      await renew();
    }
  };
  const kept = keep()
    .catch((error: unknown) => {
      if (lost.signal.aborted) return;
      settings.onError?.(error);
      lost.abort(error);
    })
    .finally(() => callOff());

  return {
    lost: lost.signal,
    isHeld: () => !lost.signal.aborted && timers.now() - renewedAtMs < renewDeadlineMs,
    release: async () => {
      const isOurs = !lost.signal.aborted;
      lost.abort(new Error('the lease was released'));
      await kept;
      if (!isOurs) return;
      try {
        const now = microTime(timers.now());
        await write(kube, lease, { holderIdentity: '', leaseDurationSeconds: 1, renewTime: now }, settings);
      } catch (error) {
        // It runs out by itself.
        settings.onError?.(error);
      }
    },
  };
}

/** Kubernetes' MicroTime: six digits, always. */
function microTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/Z$/, '000Z');
}
