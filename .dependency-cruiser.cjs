// The table "who may import what" of docs/architecture.md, as rules. Each comment says what to do instead. A rule about
// imports "at run time" leaves `import type` alone: types are gone before anything runs.

const RUN_TIME = { dependencyTypesNot: ['type-only'] };
const FOLDERS = ['activities', 'adapters', 'api', 'bench', 'cli', 'config', 'domain', 'setup', 'test', 'workers', 'workflows'];

/** Everything in the repository but these folders. */
const foldersBut = (...allowed) => `^(${FOLDERS.filter((folder) => !allowed.includes(folder)).join('|')})/`;
/** Every package but these. */
const packagesBut = (...allowed) => `node_modules/(?!(@types|${allowed.join('|')})(/|$))`;
/** A package with a native or heavy part is met in one place, where its failures are translated and its objects end. */
const vendor = (packages, homes, comment) => ({
  name: `vendor-${packages[0].replace('@', '').replace('/', '-')}`,
  comment,
  severity: 'error',
  from: { pathNot: `^(${homes.join('|')}|test|bench)/` },
  to: { path: `node_modules/(${packages.join('|')})(/|$)` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one concept or three: merge them, or move what both need into its own file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'The file or package is not there. A package belongs into package.json before its first use.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared',
      comment: 'A package that another one happens to bring can vanish with it: name it in package.json.',
      severity: 'error',
      from: { pathNot: '^(node_modules|test|bench)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-packages',
      comment: 'Images are built without devDependencies: what runs in production belongs into dependencies.',
      severity: 'error',
      from: { pathNot: `^(test|bench)/|^[^/]+$` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'nothing-imports-tests',
      comment: 'What tests and production both need belongs into production, with a test of its own.',
      severity: 'error',
      from: { pathNot: '^(test|setup)/' },
      to: { path: '^test/' },
    },
    {
      name: 'setup-stands-alone',
      comment: 'Set-up runs before any package is installed and before TypeScript can be run: node: modules only.',
      severity: 'error',
      from: { path: '^setup/' },
      to: { pathNot: '^(setup|test/run)/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'nothing-imports-setup',
      comment: 'Set-up is over when Barometer starts; it hands over by environment variables (config/).',
      severity: 'error',
      from: { pathNot: '^(setup|test)/' },
      to: { path: '^setup/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'domain/ is vocabulary and rules, usable in a workflow: no I/O, no other folder, no package but zod.',
      severity: 'error',
      from: { path: '^domain/' },
      to: { path: [foldersBut('domain'), packagesBut('zod')] },
    },
    {
      name: 'domain-has-no-io',
      comment: 'A rule that reads a file, a clock or a socket is an adapter. node:crypto would break in a workflow: pass digests in.',
      severity: 'error',
      from: { path: '^domain/' },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'config-is-a-leaf',
      comment: 'config/ turns the environment into a typed object and knows only domain/ and zod.',
      severity: 'error',
      from: { path: '^config/' },
      to: { path: [foldersBut('config', 'domain'), packagesBut('zod')] },
    },
    {
      name: 'activities-know-no-adapter',
      comment:
        'An activity declares the narrow interface of what it is given, and workers/ hands it an adapter: so it is tested without the ' +
        'outside system. It imports domain/ and @temporalio/activity only.',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: [foldersBut('activities', 'domain'), packagesBut('@temporalio/activity')] },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'A workflow is replayed: it may hold only domain/ and @temporalio/workflow (@temporalio/common has its vocabulary).',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        path: [foldersBut('workflows', 'domain', 'activities'), packagesBut('@temporalio/workflow', '@temporalio/common')],
      },
    },
    {
      name: 'workflows-have-no-io',
      comment: 'Node modules do not exist in the workflow sandbox: do it in an activity.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-see-activity-types-only',
      comment: 'A run-time import of an activity drags its code into the workflow bundle: `import type`, and call it by its proxy.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', ...RUN_TIME },
    },
    {
      name: 'clients-see-the-contract',
      comment: 'Whoever starts or asks a workflow imports workflows/contract.ts (or root-message.ts); the rest belongs to the sandbox.',
      severity: 'error',
      from: { pathNot: '^(workflows|test)/' },
      to: { path: '^workflows/', pathNot: '^workflows/(contract|root-message)\\.ts$' },
    },
    {
      name: 'adapters-know-the-domain-only',
      comment: 'An adapter fits an interface of its user; it does not know its user. Move what it needs into domain/, or pass it in.',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: foldersBut('adapters', 'domain', 'config') },
    },
    {
      name: 'adapters-are-given-their-settings',
      comment: 'Settings are passed in by whoever composes: an adapter may name their type, not load them.',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^config/', ...RUN_TIME },
    },
    {
      name: 'adapters-stand-apart',
      comment: 'One outside system per folder: let the caller join two adapters. (The type of another one is fine.)',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/' },
      to: { path: '^adapters/', pathNot: '^adapters/$1/', ...RUN_TIME },
    },
    {
      name: 'api-knows-no-pipeline',
      comment: 'The API knows the registry and nothing of the pipeline: domain/, config/, adapters/.',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: foldersBut('api', 'domain', 'config', 'adapters') },
    },
    {
      name: 'api-needs-no-libtensorflow',
      comment: 'The serving image has no libtensorflow: the API runs the ONNX form of a model (adapters/onnx).',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: '^adapters/tensorflow/', reachable: true },
    },
    {
      name: 'workers-know-no-front',
      comment: 'Workers compose activities, workflows and adapters; the API and the command line are other processes.',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^(api|cli)/' },
    },
    {
      name: 'cli-uses-front-doors',
      comment: 'The command line starts processes by their main.ts; what is inside them is theirs.',
      severity: 'error',
      from: { path: '^cli/' },
      to: { path: '^(workers|api|activities)/', pathNot: '^(workers|api)/main\\.ts$', ...RUN_TIME },
    },
    vendor(['@tensorflow', '@tensorflow/tfjs-node'], ['adapters/tensorflow'], 'Tensors never leave adapters/tensorflow: they must be disposed where they are made.'),
    vendor(['sharp', 'file-type'], ['adapters/vision', 'adapters/demo'], 'Untrusted images are decoded in adapters/vision, where the limits are.'),
    vendor(['onnxruntime-node'], ['adapters/onnx', 'adapters/vision'], 'The ONNX runtime is used by adapters/onnx (classifier) and adapters/vision (faces).'),
    vendor(['@azure'], ['adapters/blob-storage', 'adapters/compute'], 'Azure is met in adapters/blob-storage and adapters/compute, which translate its errors.'),
    vendor(['@kubernetes'], ['adapters/kubernetes'], 'Kubernetes is met in adapters/kubernetes, which translates its errors.'),
    vendor(['koa', '@koa', 'multer'], ['api'], 'HTTP is served by api/ alone.'),
    vendor(['commander', 'log-update'], ['cli'], 'The command line is cli/ alone.'),
    vendor(['pino', 'prom-client'], ['adapters/telemetry'], 'Logs and metrics go through adapters/telemetry, which knows what may never be written.'),
    vendor(['echarts'], ['adapters/charts'], 'Charts are drawn in adapters/charts.'),
    vendor(['tar-stream'], ['adapters/blob-storage', 'adapters/containers'], 'Archives are written where they are stored.'),
    vendor(['@temporalio/worker'], ['adapters/temporal', 'workers'], 'Workers are made in workers/; adapters/temporal holds what they share.'),
    vendor(['@temporalio/client'], ['adapters/temporal', 'cli', 'workers'], 'Workflows are started by cli/ (and asked by workers/).'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.[a-z]+/|coverage/|api/web/)' },
    // Type-only imports count too: a rule that does not mind them says so.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.d.ts', '.json'] },
  },
};
