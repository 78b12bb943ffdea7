import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogSearch, createLogWindow, LONGEST_LINE, type LogWindow } from './log-window.ts';

const held = (log: LogWindow) => Array.from({ length: log.held }, (_, at) => log.line(log.dropped + at));

describe('the last lines of a log', () => {
  it('are the same however the text is cut, without empty ones', () => {
    const text = fc.array(fc.constantFrom('', '[a ] one', '[b ] two é', 'three'), { maxLength: 50 });
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    fc.assert(
      fc.property(text, cuts, (lines, sizes) => {
        const log = createLogWindow();
        const whole = lines.map((line) => `${line}\n`).join('');
        for (let at = 0, turn = 0; at < whole.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          log.push(whole.slice(at, at + size));
          at += size;
        }
        expect(held(log)).toEqual(lines.filter((line) => line !== ''));
      }),
    );
  });

  it('are bounded in lines and in characters, and keep their places', () => {
    const log = createLogWindow({ mostLines: 100, mostCharacters: 100_000 });
    for (let place = 0; place < 1000; place += 1) log.push(`line ${place}\n`);
    expect(log.total).toBe(1000);
    expect(log.held).toBeLessThanOrEqual(100);
    expect(log.held).toBeGreaterThan(80);
    expect(log.line(999)).toBe('line 999');
    expect(log.line(log.dropped)).toBe(`line ${log.dropped}`);
    expect(log.line(log.dropped - 1)).toBe('');
    for (let place = 0; place < 50; place += 1) log.push(`${'x'.repeat(5000)}\n`);
    expect(held(log).join('').length).toBeLessThanOrEqual(100_000);
  });

  it('hold no line beyond its bound, also one that never ends', () => {
    const log = createLogWindow();
    for (let turn = 0; turn < 100; turn += 1) log.push('y'.repeat(1000));
    log.push('\nnext\n');
    expect(log.line(0)).toHaveLength(LONGEST_LINE + 1);
    expect(log.line(0).endsWith('…')).toBe(true);
    expect(log.line(1)).toBe('next');
  });

  it('are told once when the stream was cut and began again', () => {
    const log = createLogWindow({ mostLines: 10 });
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    log.push(`${lines.slice(0, 30).join('\n')}\nline 3`);
    log.restart();
    log.push(`${lines.join('\n')}\n`);
    expect(log.total).toBe(40);
    expect(held(log)).toEqual(lines.slice(log.dropped));
  });
});

describe('a search in them', () => {
  it('finds what comes while it goes on, forgets what goes, in any case', () => {
    const log = createLogWindow({ mostLines: 10 });
    const search = createLogSearch(log, 'ERROR');
    log.push('fine\nan Error\n');
    expect(search()).toEqual([1]);
    const before = search();
    expect(search()).toBe(before);
    log.push('error 2\n');
    expect(search()).toEqual([1, 2]);
    for (let turn = 0; turn < 20; turn += 1) log.push(`line ${turn}\n`);
    expect(search()).toEqual([]);
    log.push('error 3\n');
    expect(search()).toEqual([23]);
  });
});
