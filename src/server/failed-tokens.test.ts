import { afterEach, describe, expect, it } from 'vitest';
import { realTimers } from '../kube/timers.ts';
import { createFailedTokens } from './failed-tokens.ts';
import { startService, type TestService } from './test-reports.ts';

function clocked() {
  const clock = { nowMs: 0 };
  return { clock, failed: createFailedTokens({ ...realTimers, now: () => clock.nowMs }) };
}

function fail(failed: ReturnType<typeof createFailedTokens>, address: string, times: number): number | undefined {
  let last: number | undefined;
  for (let at = 0; at < times; at += 1) last = failed.count(address);
  return last;
}

describe('refused tokens of one address', () => {
  it('are too many from the 21st in a minute on, and tell when it is over', () => {
    const { clock, failed } = clocked();
    expect(fail(failed, '192.0.2.1', 20)).toBeUndefined();
    clock.nowMs = 1000;
    expect(failed.count('192.0.2.1')).toBe(59);
    expect(failed.count('192.0.2.2')).toBeUndefined();
    clock.nowMs = 59_999;
    expect(failed.count('192.0.2.1')).toBe(1);
    clock.nowMs = 60_000;
    expect(failed.count('192.0.2.1')).toBeUndefined();
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['2001:db8::1', '2001:db8:0:0:5::1', true],
    ['::1', '::2', true],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
  ])('%s and %s are the same: %s', (one, other, isSame) => {
    const { failed } = clocked();
    fail(failed, one, 20);
    expect(failed.count(other) !== undefined).toBe(isSame);
  });

  it('are remembered for 10,000 addresses', () => {
    const { failed } = clocked();
    fail(failed, '192.0.2.1', 30);
    for (let at = 1; at < 10_000; at += 1) failed.count(`10.0.${at >> 8}.${at & 255}`);
    expect(failed.count('192.0.2.1')).toBeDefined();
    failed.count('10.1.0.0');
    expect(failed.count('192.0.2.1')).toBeUndefined();
  });
});

describe('the service', () => {
  let service: TestService;
  afterEach(() => service.close());

  it('tells who tries tokens to wait; good tokens from the same address still pass', async () => {
    service = await startService();
    const ask = (headers: Record<string, string>) => fetch(`${service.url}/must-gather`, { headers });
    const bad = { authorization: 'Bearer bad' };
    for (let at = 0; at < 20; at += 1) expect((await ask(bad)).status).toBe(401);
    const refused = await ask(bad);
    expect([refused.status, await refused.json()]).toEqual([
      429,
      { code: 'TooManyRequests', message: expect.stringMatching(/20 tokens/) },
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask({ authorization: 'Bearer good' })).status).toBe(200);
    // Who brings none guesses none.
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: 'Bearer weak' })).status).toBe(403);
  });
});
