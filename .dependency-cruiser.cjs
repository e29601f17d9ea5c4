// The table "who may import what" of docs/architecture.md, as rules. Each comment says what to do instead. A rule about
// imports "at run time" leaves `import type` alone: types are gone before anything runs.

const RUN_TIME = { dependencyTypesNot: ['type-only'] };
const FOLDERS = ['activities', 'adapters', 'api', 'bench', 'cli', 'config', 'domain', 'setup', 'test', 'workers', 'workflows'];

/** Everything in the repository but these folders. */
const foldersBut = (...allowed) => `^(${FOLDERS.filter((folder) => !allowed.includes(folder)).join('|')})/`;
/** Every package but these. */
const packagesBut = (...allowed) => `node_modules/(?!(@types|${allowed.join('|')})(/|$))`;
/** What is forbidden, with what to do instead for whoever did it. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
/** A folder may import these folders, if it names any packages these alone, and nothing else. */
const table = (name, comment, folder, { folders, packages }) =>
  rule(name, comment, { path: `^${folder}/` }, { path: [foldersBut(folder, ...folders), ...(packages === undefined ? [] : [packagesBut(...packages)])] });
/** Node's own modules are not for this folder. */
const pure = (name, comment, folder) => rule(name, comment, { path: `^${folder}/` }, { dependencyTypes: ['core'], ...RUN_TIME });
/** A package with a native or heavy part is met in one place, where its failures are translated and its objects end. */
const vendor = (packages, homes, comment) =>
  rule(
    `vendor-${packages[0].replace('@', '').replace('/', '-')}`,
    comment,
    { pathNot: `^(${homes.join('|')}|test|bench)/` },
    { path: `node_modules/(${packages.join('|')})(/|$)` },
  );

module.exports = {
  forbidden: [
    rule('no-cycles', 'Two files that need each other are one concept or three: merge them, or move what both need into its own file.', {}, { circular: true }),
    rule('resolvable', 'The file or package is not there. A package belongs into package.json before its first use.', {}, { couldNotResolve: true }),
    rule(
      'declared',
      'A package that another one happens to bring can vanish with it: name it in package.json.',
      { pathNot: '^(node_modules|test|bench)/' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
    rule(
      'no-dev-packages',
      'Images are built without devDependencies: what runs in production belongs into dependencies.',
      { pathNot: `^(test|bench)/|^[^/]+$` },
      { dependencyTypes: ['npm-dev'], ...RUN_TIME, pathNot: 'node_modules/@types/' },
    ),
    rule(
      'nothing-imports-tests',
      'What tests and production both need belongs into production, with a test of its own. Benchmarks may use what tests use.',
      { pathNot: '^(test|setup|bench)/' },
      { path: '^test/' },
    ),
    rule(
      'setup-stands-alone',
      'Set-up runs before any package is installed and before TypeScript can be run: node: modules only.',
      { path: '^setup/' },
      { pathNot: '^(setup|test/run)/', dependencyTypesNot: ['core'] },
    ),
    rule(
      'nothing-imports-setup',
      'Set-up is over when Barometer starts; it hands over by environment variables (config/).',
      { pathNot: '^(setup|test|bench)/' },
      { path: '^setup/' },
    ),

    table(
      'domain-is-pure',
      'domain/ is vocabulary and rules, usable in a workflow: no I/O, no other folder, no package but zod.',
      'domain',
      { folders: [], packages: ['zod'] },
    ),
    pure(
      'domain-has-no-io',
      'A rule that reads a file, a clock or a socket is an adapter. node:crypto would break in a workflow: pass digests in.',
      'domain',
    ),
    table(
      'config-is-a-leaf',
      'config/ turns the environment into a typed object and knows only domain/ and zod.',
      'config',
      { folders: ['domain'], packages: ['zod'] },
    ),
    table(
      'activities-know-no-adapter',
      'An activity declares the narrow interface of what it is given, and workers/ hands it an adapter: so it is tested without the ' +
        'outside system. It imports domain/ and @temporalio/activity only.',
      'activities',
      { folders: ['domain'], packages: ['@temporalio/activity'] },
    ),
    table(
      'workflows-are-deterministic',
      'A workflow is replayed: it may hold only domain/ and @temporalio/workflow (@temporalio/common has its vocabulary).',
      'workflows',
      { folders: ['domain', 'activities'], packages: ['@temporalio/workflow', '@temporalio/common'] },
    ),
    pure('workflows-have-no-io', 'Node modules do not exist in the workflow sandbox: do it in an activity.', 'workflows'),
    rule(
      'workflows-see-activity-types-only',
      'A run-time import of an activity drags its code into the workflow bundle: `import type`, and call it by its proxy.',
      { path: '^workflows/' },
      { path: '^activities/', ...RUN_TIME },
    ),
    rule(
      'clients-see-the-contract',
      'Whoever starts or asks a workflow imports workflows/contract.ts (or root-message.ts); the rest belongs to the sandbox.',
      { pathNot: '^(workflows|test)/' },
      { path: '^workflows/', pathNot: '^workflows/(contract|root-message)\\.ts$' },
    ),
    table(
      'adapters-know-the-domain-only',
      'An adapter fits an interface of its user; it does not know its user. Move what it needs into domain/, or pass it in.',
      'adapters',
      { folders: ['domain', 'config'] },
    ),
    rule(
      'adapters-are-given-their-settings',
      'Settings are passed in by whoever composes: an adapter may name their type, not load them.',
      { path: '^adapters/' },
      { path: '^config/', ...RUN_TIME },
    ),
    rule(
      'adapters-stand-apart',
      'One outside system per folder: let the caller join two adapters. (The type of another one is fine.)',
      { path: '^adapters/([^/]+)/' },
      { path: '^adapters/', pathNot: '^adapters/$1/', ...RUN_TIME },
    ),
    table(
      'api-knows-no-pipeline',
      'The API knows the registry and nothing of the pipeline: domain/, config/, adapters/. (What it starts is named in domain/names.ts.)',
      'api',
      { folders: ['domain', 'config', 'adapters'] },
    ),
    rule(
      'page-runs-in-browsers',
      'A module of the page may take types from anywhere, so that it fits what the API answers; what it runs, a browser must have: modules of the page.',
      { path: '^api/web/' },
      { pathNot: '^api/web/', ...RUN_TIME },
    ),
    rule(
      'api-starts-alerts-alone',
      'Of Temporal the API knows how an alert of a venue is started, and nothing else. It loads that when there is a rule for the first time, by import(): 60 MB ' +
        'that who has no rules does not pay for.',
      { path: '^api/' },
      { path: '^adapters/temporal/', dynamic: false, ...RUN_TIME },
    ),
    rule(
      'api-starts-no-run',
      'Whoever serves starts no run: that is for cli/, schedules and workers.',
      { path: '^api/' },
      { path: '^(adapters/temporal/(?!mood-alerts\\.ts$)|node_modules/@temporalio/)' },
    ),
    rule(
      'api-needs-no-libtensorflow',
      'The serving image has no libtensorflow: the API runs the ONNX form of a model (adapters/onnx).',
      { path: '^api/' },
      { path: '^adapters/tensorflow/', reachable: true },
    ),
    rule(
      'workers-know-no-front',
      'Workers compose activities, workflows and adapters; the API and the command line are other processes.',
      { path: '^workers/' },
      { path: '^(api|cli)/' },
    ),
    rule(
      'cli-uses-front-doors',
      'The command line starts processes by their main.ts; what is inside them is theirs.',
      { path: '^cli/' },
      { path: '^(workers|api|activities)/', pathNot: '^(workers|api)/main\\.ts$', ...RUN_TIME },
    ),

    vendor(['@tensorflow', '@tensorflow/tfjs-node'], ['adapters/tensorflow'], 'Tensors never leave adapters/tensorflow: they must be disposed where they are made.'),
    vendor(['sharp', 'file-type'], ['adapters/vision', 'adapters/demo'], 'Untrusted images are decoded in adapters/vision, where the limits are.'),
    vendor(['onnxruntime-node'], ['adapters/onnx', 'adapters/vision'], 'The ONNX runtime is used by adapters/onnx (classifier) and adapters/vision (faces).'),
    vendor(['@azure'], ['adapters/blob-storage', 'adapters/compute', 'adapters/telemetry'], 'Azure is met in adapters/blob-storage and adapters/compute, which translate its errors.'),
    vendor(['@kubernetes'], ['adapters/kubernetes'], 'Kubernetes is met in adapters/kubernetes, which translates its errors.'),
    vendor(['@actions'], ['adapters/github'], 'What a job of GitHub Actions says goes through adapters/github, which keeps quoted text from being obeyed.'),
    vendor(['koa', '@koa', 'multer'], ['api'], 'HTTP is served by api/ alone.'),
    vendor(['commander', 'log-update'], ['cli'], 'The command line is cli/ alone.'),
    vendor(
      ['@opentelemetry', '@temporalio/interceptors-opentelemetry', '@azure/core-tracing'],
      ['adapters/telemetry'],
      'Traces are made in adapters/telemetry, which knows what may never be written; others do their work in `inSpan`.',
    ),
    vendor(['pino', 'prom-client'], ['adapters/telemetry'], 'Logs and metrics go through adapters/telemetry, which knows what may never be written.'),
    vendor(['echarts'], ['adapters/charts'], 'Charts are drawn in adapters/charts.'),
    vendor(['tar-stream'], ['adapters/blob-storage', 'adapters/containers'], 'Archives are written where they are stored.'),
    vendor(['@temporalio/worker'], ['adapters/temporal', 'adapters/telemetry', 'workers'], 'Workers are made in workers/; adapters/temporal holds what they share.'),
    vendor(['@temporalio/client'], ['adapters/temporal', 'adapters/telemetry', 'cli', 'workers'], 'Workflows are started by cli/ (and asked by workers/).'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.[a-z]+/|coverage/)' },
    // Type-only imports count too: a rule that does not mind them says so.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.d.ts', '.json'] },
  },
};
