import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, it, type TestContext } from 'vitest';
import { connect } from '../../src/kube/connect.ts';
import { type MustGatherReport, mustGatherReports } from '../../src/operator/report-kind.ts';
import type { ServiceOptions } from '../../src/server/service.ts';
import type { Store } from '../../src/store/store.ts';
import { inCluster } from '../contract/made.ts';
import { ask } from '../sandbox/service-world.ts';
import { openApiDoor } from './door.ts';
import { expectCompleted, filesBelow, filesInStore, untilOver } from './endings.ts';
import { GATHER_IMAGE, gatherFor, startGatherWorld } from './gathers.ts';

// The API server of a service is away for a minute: longer than its lease, and than any request is tried again for.

const AWAY_MS = 60_000;
/** A gather that is under way then ends while nobody can hear of it. */
const LONG_GATHER_SECONDS = 15;
const BACK_WITHIN_MS = 120_000;

/** When the API server goes away. */
const steps = {
  /** Its object was made, and nothing of it is planned. */
  accepted: ({ metadata, status }: MustGatherReport) =>
    (metadata.finalizers ?? []).length > 0 && status?.gathers === undefined,
  gathering: ({ status }: MustGatherReport) => status?.gathers?.[0]?.phase === 'Running',
  packing: ({ status }: MustGatherReport) => status?.phase === 'Packing',
  /** The store is told to lay down its archive. */
  sealing: undefined,
  deleting: ({ metadata }: MustGatherReport) => metadata.deletionTimestamp !== undefined,
} as const;
type Step = keyof typeof steps;
type Way = 'packers' | 'exec';

const ALL_STEPS = Object.keys(steps) as Step[];
const cases = (
  process.env.MUSTER_LONG === undefined
    ? [...ALL_STEPS.map((step) => [step, 'packers']), ['gathering', 'exec']]
    : ALL_STEPS.flatMap((step) => [
        [step, 'packers'],
        [step, 'exec'],
      ])
) as [Step, Way][];

/** A service that reaches its sandbox through a door only; everybody else needs none. */
async function startBehindDoor(
  { expect, onTestFinished }: TestContext,
  way: Way,
  onSeal: () => void = () => undefined,
) {
  const world = await startGatherWorld();
  const { door, kubeconfigFile } = await openApiDoor(world);
  const kube = await connect({ env: { KUBECONFIG: kubeconfigFile } });
  const store: Store = {
    ...world.store,
    compose: (key, pieces, options) => {
      if (key.startsWith('archives/')) onSeal();
      return world.store.compose(key, pieces, options);
    },
  };
  const more: Partial<ServiceOptions> = way === 'packers' ? await world.withPackers() : {};
  const service = await world.start({ ...more, kube, store });
  onTestFinished(async () => {
    await service.stop();
    door.close();
    await kube.close();
    await world.close();
  }, 60_000);
  /** Calls it at each state of a report, before anybody else hears of it. */
  const onReport = (look: (report: MustGatherReport) => void) =>
    world.sandbox.api.store.subscribe(({ resource, object }) => {
      if (resource.plural === mustGatherReports.plural && object !== undefined) look(object as MustGatherReport);
    });
  const make = async (seconds: number): Promise<string> => {
    const spec = { images: [GATHER_IMAGE], command: gatherFor(seconds), timeout: '5m' };
    const metadata = { generateName: 'away-', namespace: 'default' };
    const { metadata: made } = await world.kube.create(mustGatherReports, { metadata, spec }, { namespace: 'default' });
    return made.name ?? '';
  };
  const urlOf = async (name: string): Promise<string> => {
    const reports = (await (await fetch(`${service.url}/must-gather`)).json()) as { id: number; name: string }[];
    return `${service.url}/must-gather/${reports.find((report) => report.name === name)?.id}`;
  };
  const endWell = async (name: string) => {
    await expect.poll(() => urlOf(name), { timeout: BACK_WITHIN_MS }).not.toContain('undefined');
    const url = await urlOf(name);
    await expectCompleted(await untilOver(url, BACK_WITHIN_MS), url, world.folder);
    return url;
  };
  const expectNothingLeft = async () => {
    const left = async () => [
      ...(await inCluster(world.kube)),
      ...(await filesInStore(join(world.folder, 'store'))),
      ...(await filesBelow(join(world.folder, 'work-1'))),
    ];
    await expect.poll(left, { timeout: BACK_WITHIN_MS, interval: 500 }).toEqual([]);
  };
  return { world, door, service, onReport, make, endWell, expectNothingLeft };
}

// Of tests that run at once each has an `expect` of its own.
describe('the API server is away for a minute', () => {
  it.concurrent.for(cases)('when a report is %s, through %s', { timeout: 400_000 }, async ([step, way], context) => {
    const { expect } = context;
    const gone = Promise.withResolvers<void>();
    let goAway: () => void = () => undefined;
    const { door, onReport, make, endWell, expectNothingLeft, service } = await startBehindDoor(context, way, () => {
      if (step === 'sealing') goAway();
    });
    const isIt = steps[step];
    const unsubscribe = onReport((report) => {
      if (isIt?.(report)) goAway();
    });
    goAway = () => {
      goAway = () => undefined;
      unsubscribe();
      door.shut();
      gone.resolve();
    };
    const name = await make(step === 'gathering' ? LONG_GATHER_SECONDS : 2);
    if (step === 'deleting') {
      const url = await endWell(name);
      // It may be cut as it is answered.
      await fetch(url, { method: 'DELETE' });
    }
    await gone.promise;
    await setTimeout(AWAY_MS);
    await door.open();
    if (step !== 'deleting') {
      const url = await endWell(name);
      expect((await ask(url, 'DELETE')).status).toBe(204);
    }
    const listed = async () => (await fetch(`${service.url}/must-gather`)).json();
    await expect.poll(listed, { timeout: BACK_WITHIN_MS }).toEqual([]);
    await expectNothingLeft();
  });

  it.concurrent('when one is asked for: who asks hears of it, and asks again', {
    timeout: 400_000,
  }, async (context) => {
    const { expect } = context;
    const { door, make, endWell, expectNothingLeft, service } = await startBehindDoor(context, 'packers');
    door.shut();
    const wish = { image: GATHER_IMAGE, command: gatherFor(1) };
    const refused = await ask(`${service.url}/must-gather`, 'POST', wish);
    expect(refused.status).toBe(503);
    expect(refused.body.code).toBe('ClusterUnreachable');
    expect((await ask(`${service.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    // By somebody whose way to the API server is another one.
    const made = await make(1);
    await setTimeout(AWAY_MS / 2);
    await door.open();
    const again = await ask(`${service.url}/must-gather`, 'POST', wish);
    expect(again.status).toBe(201);
    for (const name of [made, String(again.body.name)]) {
      const url = await endWell(name);
      expect((await ask(url, 'DELETE')).status).toBe(204);
    }
    await expectNothingLeft();
  });
});
