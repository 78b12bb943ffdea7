import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { GatherStatus } from '../report/status.ts';
import { liveScreen, plainScreen, type ScreenStream } from './screen.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: how the screen goes up and clears what is below
const REWIND = /(\u001b\[\d+A\u001b\[0J)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what the screen itself writes
const OWN = /\u001b\[(\d+A\u001b\[0J|\d+m)/g;

/** A terminal's stream, and what it shows: of the escape sequences, those that this program uses. */
function terminal(size: { columns?: number; rows?: number } = { columns: 100, rows: 24 }) {
  let written = '';
  const stream: ScreenStream = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  Object.assign(stream, { isTTY: true, ...size });
  return {
    stream,
    written: () => written,
    shown: () => {
      let lines: string[] = [];
      for (const piece of written.split(REWIND)) {
        const up = REWIND.test(piece) ? /\d+/.exec(piece) : null;
        if (up === null) lines.push(...stripVTControlCharacters(piece).split('\n').slice(0, -1));
        else lines = lines.slice(0, -Number(up[0]));
      }
      return lines;
    },
  };
}

const now = () => Date.parse('2026-11-21T10:31:02Z');
const status = (name: string, phase: GatherStatus['phase'] = 'Running'): GatherStatus => ({
  name,
  image: 'q/a',
  phase,
});

describe('on a terminal', () => {
  test('one line per gather, rewritten in place', () => {
    const { stream, shown } = terminal();
    const { observer, end } = liveScreen(stream, now);
    observer.gather(status('cluster'));
    observer.note('the disk is slow', 'cluster', 'warning');
    observer.gather(status('cluster', 'Packing'));
    observer.note('and slower', undefined, 'warning');
    expect(shown()).toEqual([
      'cluster: the disk is slow',
      'and slower',
      expect.stringMatching(/^◕ cluster .*packing…$/),
    ]);
    end();
    expect(shown()).toEqual(['cluster: the disk is slow', 'and slower']);
  });

  test("a gather's own lines and what is only for the log are not shown", () => {
    const { stream, written } = terminal();
    const { observer, end } = liveScreen(stream, now);
    observer.line('cluster', 'gathering this and that');
    observer.note('pod made', 'cluster', 'info');
    end();
    expect(written()).toBe('');
  });

  test("the cluster's summary, once, when the rows are done", () => {
    const { stream, shown } = terminal();
    const { observer, end } = liveScreen(stream, now);
    observer.summary(['ClusterID: old'], 'before');
    observer.gather(status('cluster'));
    observer.summary(['ClusterID: new', '\tclusteroperator/dns is missing'], 'after');
    end();
    expect(shown()).toEqual(['ClusterID: new', '\tclusteroperator/dns is missing', '']);
  });

  test('500 gathers: those at work, as many as fit, and nothing scrolls', () => {
    const { stream, shown } = terminal({ columns: 100, rows: 24 });
    const { observer, end } = liveScreen(stream, now);
    for (let place = 0; place < 496; place += 1) {
      observer.gather({
        ...status(`gather-${place}`, place < 300 ? 'Done' : 'Waiting'),
        ...(place < 300 ? { finishedAt: '2026-11-21T10:31:00Z' } : {}),
      });
    }
    for (const name of ['a', 'b', 'c', 'd']) observer.gather(status(name));
    observer.note('drawn', undefined, 'warning');
    const rows = shown().slice(1);
    expect(rows).toHaveLength(21);
    expect(rows.slice(0, 4).map((row) => row.split(/\s+/)[1])).toEqual(['a', 'b', 'c', 'd']);
    expect(rows[4]).toContain('waiting for a slot');
    end();
  });

  test.each([{ columns: 0, rows: 0 }, {}])('a terminal that does not know its size: %j', (size) => {
    const { stream, shown } = terminal(size);
    const { observer, end } = liveScreen(stream, now);
    observer.gather(status('cluster'));
    observer.note('drawn', undefined, 'warning');
    expect(shown()[1]).toContain('cluster');
    end();
  });

  test('40 columns', () => {
    const { stream, shown } = terminal({ columns: 40, rows: 10 });
    const { observer, end } = liveScreen(stream, now);
    observer.gather(status('n'.repeat(253)));
    observer.note('drawn', undefined, 'warning');
    for (const line of shown()) expect(line.length).toBeLessThan(40);
    end();
  });

  test('what gathers and operators say reaches it as text, never as commands', () => {
    const { stream, written } = terminal();
    const { observer, end } = liveScreen(stream, now);
    const evil = '\u001b]0;owned\u0007\u009b2J\r\u001b[1A';
    observer.gather({ ...status(evil, 'Failed'), message: evil, node: evil });
    observer.note(evil, evil, 'warning');
    observer.summary([evil], 'after');
    end();
    const own = written().replaceAll(OWN, '');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(own).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  });
});

test('elsewhere: a line for each change, and each line of the logs', () => {
  const { stream, written } = terminal();
  const { observer, end } = plainScreen(stream);
  observer.gather(status('cluster', 'Waiting'));
  observer.gather({ ...status('cluster'), node: 'n1' });
  observer.gather({ ...status('cluster'), node: 'n1', files: 3 });
  observer.line('cluster', '2026-11-21T10:30:00Z hello');
  observer.note('namespace x created', undefined, 'info');
  observer.gather({ ...status('cluster', 'Failed'), message: 'exit code 3' });
  observer.summary(['ClusterID: x'], 'after');
  end();
  expect(written()).toBe(
    '[cluster] Waiting\n[cluster] Running on n1\n[cluster] POD 2026-11-21T10:30:00Z hello\nnamespace x created\n' +
      '[cluster] Failed: exit code 3\nReprinting Cluster State:\nClusterID: x\n\n',
  );
});
