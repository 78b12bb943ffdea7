import { defineConfig } from 'vitest/config';

// One project per suite: `unit` needs nothing but Node; `cluster` any KUBECONFIG.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'sandbox/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 30_000,
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
