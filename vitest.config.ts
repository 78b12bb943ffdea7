import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// With MUSTER_LONG the sampled tests run their full counts. Beside the cluster's suites a command takes five times as long.
const unitTimeoutMs = process.env.MUSTER_LONG === undefined ? 90_000 : 1_800_000;

// Half of what the suites cost is commands that start from their sources: Node compiles those once for all of them.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node');

// CI adds the suites' results up (.ci/run).
const resultsFile = process.env.MUSTER_TEST_RESULTS;

export default defineConfig({
  test: {
    // One less than there are cores is one here; most of the long suites wait for processes of their own.
    maxWorkers: 2,
    ...(resultsFile ? { reporters: ['default', 'json'], outputFile: { json: resultsFile } } : {}),
    // One project per suite: `unit` needs nothing but Node; `browser` Chromium; `cluster` any KUBECONFIG.
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'web/src/**/*.test.ts',
            'sandbox/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/contract/**/*.test.ts',
            'test/sandbox/**/*.test.ts',
          ],
          testTimeout: unitTimeoutMs,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/build-pages.ts'],
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Each file has a service, a sandbox and a browser of its own.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // The suites share two cores and the nodes of one cluster: one file at a time keeps their deadlines honest.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          // Most of them wait for a minute to be over.
          maxConcurrency: 12,
        },
      },
    ],
  },
});
