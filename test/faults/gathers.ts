import { join } from 'node:path';
import { expect } from 'vitest';
import { imageOf } from '../../sandbox/kubelet/images.ts';
import { root } from '../contract/command.ts';
import { ask, type ServiceWorld, startServiceWorld } from '../sandbox/service-world.ts';

// What the reports of these tests gather, where, and how they are asked for.

/** A gather image of test/images; reports bring a command of their own. */
export const GATHER_IMAGE = 'test.invalid/good:1';

/** Services on an empty cluster that can run it. */
export async function startGatherWorld(): Promise<ServiceWorld> {
  const names = [GATHER_IMAGE];
  const image = await imageOf({ names, env: { OUT: '/must-gather' } }, join(root, 'test', 'images', 'good'));
  return await startServiceWorld({ sample: false, moreImages: [image] });
}

/** Writes something at once, says something, and after so many seconds writes some more. */
export const gatherFor = (seconds: number, moreBytes = 100_000) =>
  [
    'mkdir /must-gather/a; echo one >/must-gather/version; echo two >/must-gather/a/b; echo said',
    `sleep ${seconds}; head -c ${moreBytes} /dev/urandom >/must-gather/more; echo last >/must-gather/last`,
  ].join('; ');

/** Asks a service for a report, and answers with the report's address and name. */
export async function makeReport(serviceUrl: string, wish: object): Promise<{ url: string; name: string }> {
  const { status, body } = await ask(`${serviceUrl}/must-gather`, 'POST', wish);
  expect(status, JSON.stringify(body)).toBe(201);
  return { url: `${serviceUrl}/must-gather/${body.id}`, name: String(body.name) };
}
