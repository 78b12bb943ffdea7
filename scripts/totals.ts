// Adds up the reports of vitest's JSON reporter, and says them in one plain line.
import { readFileSync } from 'node:fs';

type Totals = { numPassedTests: number; numFailedTests: number; numPendingTests: number };

const totals = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Totals);
const sum = (key: keyof Totals) => totals.reduce((count, report) => count + report[key], 0);
const skipped = sum('numPendingTests');
console.log(
  `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
