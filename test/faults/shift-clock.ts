// Preloaded into `muster serve` (`node --import`): its clock is off by MUSTER_CLOCK_SHIFT_MS, as that of a machine is
// whose clock nobody sets. Timers go as before, and so does TLS, which has its own clock.

const shiftMs = Number(process.env.MUSTER_CLOCK_SHIFT_MS ?? 0);
const RealDate = Date;
const now = () => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
