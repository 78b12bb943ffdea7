// Adds up the reports of vitest's JSON reporter: names what passed at its second try only, and says the sums in one plain line.
import { readFileSync } from 'node:fs';

type Assertion = { readonly status: string; readonly fullName: string; readonly failureMessages: readonly string[] };
type Totals = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly Assertion[] }[];
};

const totals = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Totals);
for (const { status, fullName, failureMessages } of totals
  .flatMap(({ testResults }) => testResults)
  .flatMap(({ assertionResults }) => assertionResults)) {
  if (status !== 'passed' || failureMessages.length === 0) continue;
  console.log(`passed at the second try only: ${fullName}\n  ${failureMessages[0]?.split('\n', 1)[0]}`);
}
const sum = (key: 'numPassedTests' | 'numFailedTests' | 'numPendingTests') =>
  totals.reduce((count, report) => count + report[key], 0);
const skipped = sum('numPendingTests');
console.log(
  `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
