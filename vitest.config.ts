import { defineConfig } from 'vitest/config';

// With MUSTER_LONG the sampled tests run their full counts.
const unitTimeoutMs = process.env.MUSTER_LONG === undefined ? 30_000 : 1_800_000;

// CI adds the suites' results up (.ci/run).
const resultsFile = process.env.MUSTER_TEST_RESULTS;

export default defineConfig({
  test: {
    ...(resultsFile ? { reporters: ['default', 'json'], outputFile: { json: resultsFile } } : {}),
    // One project per suite: `unit` needs nothing but Node; `cluster` any KUBECONFIG.
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
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
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // The suites share two cores and the nodes of one cluster: one file at a time keeps their deadlines honest.
          fileParallelism: false,
        },
      },
    ],
  },
});
