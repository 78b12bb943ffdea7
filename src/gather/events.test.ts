import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { createEventPage } from './events.ts';

const said: string[] = [];
const newPage = () => {
  said.length = 0;
  return createEventPage((line) => said.push(line));
};

function eventText(message: string, lastTimestamp = '2026-11-21T10:00:00Z'): string {
  return JSON.stringify({ kind: 'Event', metadata: { namespace: 'shop' }, reason: 'Failed', message, lastTimestamp });
}

async function pageOf(...files: string[]): Promise<string> {
  const page = newPage();
  for (const [place, text] of files.entries())
    await page.add(`events-${place}.yaml`, Readable.from([Buffer.from(text)]));
  return [...page.render('must-gather.local.x')].join('');
}

test('events of all files, newest first', async () => {
  const html = await pageOf(
    `kind: List\nitems:\n- ${eventText('older one', '2026-11-21T09:00:00Z')}\n`,
    `kind: EventList\nitems:\n- ${eventText('newer one')}\n`,
  );
  expect(html.indexOf('newer one')).toBeGreaterThan(0);
  expect(html.indexOf('older one')).toBeGreaterThan(html.indexOf('newer one'));
  expect(said).toEqual([]);
});

test('a file that is no YAML is a line of the log; the others are on the page', async () => {
  const html = await pageOf('a: [', eventText('still here'));
  expect(html).toContain('still here');
  expect(said).toEqual([expect.stringContaining('events-0.yaml is left out of the event page')]);
});

test('a file that cannot be read to its end too', async () => {
  const page = newPage();
  const broken = new Readable({ read: () => broken.destroy(new Error('the member is damaged')) });
  await page.add('broken/events.yaml', broken);
  expect(said).toEqual([expect.stringMatching(/broken\/events\.yaml.*the member is damaged/)]);
});

test('a file that is larger than any list of events is left out, and not read further', async () => {
  const page = newPage();
  let readBytes = 0;
  const endless = Readable.from(
    (function* () {
      const chunk = Buffer.alloc(2 ** 20, ' ');
      for (;;) {
        readBytes += chunk.length;
        yield chunk;
      }
    })(),
  );
  await page.add('huge/events.yaml', endless);
  expect(said).toEqual([expect.stringMatching(/huge\/events\.yaml.*larger than/)]);
  expect(readBytes).toBeLessThan(100 * 2 ** 20);
  expect(endless.destroyed).toBe(true);
});

test('more events than an argument list holds', async () => {
  const events = Array.from({ length: 130_000 }, () => '{kind: Event}');
  const page = newPage();
  await page.add('many/events.yaml', Readable.from([Buffer.from(`kind: List\nitems: [${events.join()}]`)]));
  expect(said).toEqual([]);
});

test('markup in a message stays text', async () => {
  expect(await pageOf(eventText('<script>alert(1)</script>'))).not.toContain('<script>alert(1)');
});
