import { expect, test } from 'vitest';
import { MusterError } from '../report/errors.ts';
import { createServiceLogger } from './service-logger.ts';

const at = () => Date.parse('2026-11-21T10:30:00Z');

test('a line of JSON each, from the least level on', () => {
  const lines: string[] = [];
  const log = createServiceLogger((line) => lines.push(line), at, 'warn');
  log.info('not told');
  log.warn('told', { report: 'a', gather: undefined });
  log.error('told too', { error: new MusterError('NotFound', 'gone') });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { time: '2026-11-21T10:30:00.000Z', level: 'warn', message: 'told', report: 'a' },
    {
      time: '2026-11-21T10:30:00.000Z',
      level: 'error',
      message: 'told too',
      error: { code: 'NotFound', message: 'gone' },
    },
  ]);
  expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
});
