// Imports point one way: a folder may import what stands below it in the journey, never what stands above.
const journey = ['cli', 'server', 'operator', 'gather', 'inspect', 'store', 'archive', 'kube', 'report'];

const upwards = journey.map((folder, place) => ({
  name: `${folder}-looks-down`,
  comment: `src/${folder} may import only what stands below it: ${journey.slice(place + 1).join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: `^src/(${[...journey.slice(0, place)].join('|') || '-'})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upwards,
    {
      name: 'report-is-pure',
      comment: 'src/report knows no I/O: its own modules and typebox, nothing else',
      severity: 'error',
      from: { path: '^src/report/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^src/report/|(^|/)node_modules/typebox/' },
    },
    {
      name: 'one-door-to-kubernetes',
      comment: 'only src/kube knows the Kubernetes client and its transports; the sandbox serves WebSockets',
      severity: 'error',
      from: { pathNot: '^src/kube/|^sandbox/kubelet/exec\\.ts$' },
      to: { path: '(^|/)node_modules/(@kubernetes|undici|ws)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'archive-stands-alone',
      comment: 'packing and reading archives needs no cluster',
      severity: 'error',
      from: { path: '^src/archive/' },
      to: { path: '^src/kube/' },
    },
    {
      name: 'sandbox-knows-shapes-only',
      comment: 'the sandbox takes the shapes of src/kube and the words of src/report, nothing else of Muster',
      severity: 'error',
      from: { path: '^sandbox/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(report/|kube/kinds\\.ts$)' },
    },
    {
      name: 'only-cli-starts-the-sandbox',
      comment: 'Muster does not know whether its cluster is a sandbox',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^sandbox/' },
    },
    {
      name: 'pages-know-words-only',
      comment: 'the pages take the words of src/report, and have everything else over REST',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(src/(?!report/)|sandbox/|test/)' },
    },
    {
      name: 'pages-stand-alone',
      comment: 'only the modules of the console plugin know its SDK, and the pages do not know them',
      severity: 'error',
      from: { path: '^web/src/', pathNot: '^web/src/console/' },
      to: { path: '^web/src/console/|(^|/)node_modules/@openshift-console/' },
    },
    {
      name: 'service-knows-no-pages',
      comment: 'the service serves the built pages as files',
      severity: 'error',
      from: { path: '^(src|sandbox)/' },
      to: { path: '^web/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'tests-are-leaves',
      comment: 'nothing but tests and benches imports tests',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|^(test|bench)/|-contract\\.ts$' },
      to: { path: '\\.test\\.ts$|^test/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
