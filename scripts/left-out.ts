// After `npm test`: says what it did not run, and how to run it.
console.log(`
npm test ran what needs nothing but Node. Left out:
  npm run test:browser   the pages in Chromium (Debian's package chromium, or MUSTER_TEST_CHROMIUM)
  npm run test:cluster   a real cluster: any KUBECONFIG (CONTRIBUTING.md says how its images get there)
  npm run test:faults    what goes wrong around Muster: some minutes, on the sandbox and, with a KUBECONFIG, on that cluster
  npm run test:long      the full counts and sizes of the sampled tests`);
