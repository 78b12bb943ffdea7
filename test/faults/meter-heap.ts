import { memoryUsage } from 'node:process';

// Preloaded into `muster serve` (`node --expose-gc --import`): at SIGUSR2 it collects what nobody needs any more, and
// writes into its log how much is left.

process.on('SIGUSR2', () => {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  process.stdout.write(`${JSON.stringify({ message: 'heap metered', heapUsedBytes: memoryUsage().heapUsed })}\n`);
});
