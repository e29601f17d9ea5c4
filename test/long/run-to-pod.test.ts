import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before } from 'mocha';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { drawDemoFaces } from '../../adapters/demo/demo-faces.ts';
import { connectCluster } from '../../adapters/kubernetes/cluster.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import type { GitSha } from '../../domain/git-sha.ts';
import { CONTAINERS, toRawKey } from '../../domain/names.ts';
import { useAzurite } from '../support/azurite.ts';
import type { Finished, RunningCommand } from '../support/barometer.ts';
import { REPOSITORY, runBarometer, startBarometer } from '../support/barometer.ts';
import { findFreePort } from '../support/free-port.ts';
import { canMakeBaseImages, pushBaseImages } from '../support/base-images.ts';
import { useCluster } from '../support/cluster/use-cluster.ts';
import type { EngineHome } from '../support/container-engines.ts';
import { createEngineHome } from '../support/container-engines.ts';
import { ensureDebianPackages } from '../support/debian-packages.ts';
import { startLoad } from '../support/rollout/load.ts';
import { useRegistry } from '../support/registry.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

/** Two builds for two platforms, a short training and two rollouts, on a busy machine. */
const LIMIT_MS = 20 * 60_000;
const NAMESPACE = 'barometer';
/** Six clients at this pace stay below what one address may ask in a minute. */
const PAUSE_MS = 150;
const AUTHOR = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];

/** The whole of it, as people use it: installed by kubectl, run by `barometer run`, reached by `barometer port-forward`. */
describe('one run, from raw images to a pod that answers', function () {
  this.timeout(LIMIT_MS);

  const undo: (() => Promise<unknown> | void)[] = [];
  // Before the cluster and the others end: hooks run in the order in which they are said.
  after('end and remove what was started', async () => {
    for (const each of undo.reverse()) await each();
  });

  const temporal = useTemporal();
  const azurite = useAzurite({ host: '0.0.0.0' });
  const registry = useRegistry();
  const cluster = useCluster({ node: true });
  let repository: string;
  let engine: EngineHome;
  let environment: Record<string, string>;
  let stores: Stores;

  before('look for the tools', function () {
    if (!canMakeBaseImages() || !ensureDebianPackages(['buildah'])) this.skip();
  });

  before('install Barometer in the cluster, and start a worker', async () => {
    repository = mkdtempSync(join(tmpdir(), 'barometer-repository-'));
    undo.push(() => rmSync(repository, { recursive: true }));
    git('clone', '--quiet', '--no-hardlinks', REPOSITORY, repository);

    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    await stores.blobs.ensureContainers();
    for await (const face of drawDemoFaces({ perLabel: 40, seed: 3 })) {
      await stores.blobs.write(CONTAINERS.raw, toRawKey(face.label, face.fileName), await face.read());
    }

    undo.push(() => cluster.kubectl(['delete', '--ignore-not-found', '--wait=false', '-k', join(repository, 'k8s/overlays/local')]));
    const manifests = await cluster.kubectl(['kustomize', join(repository, 'k8s/overlays/local')]);
    await cluster.kubectl(['apply', '--server-side', '--selector', 'app.kubernetes.io/component!=api', '--filename', '-'], { input: manifests });
    const nodeAddress = await cluster.kubectl(['get', 'nodes', '--output', 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}']);
    const reachable = connectionString.replace('127.0.0.1', nodeAddress);
    const secret = `--from-literal=BAROMETER_STORAGE_CONNECTION_STRING=${reachable}`;
    await cluster.kubectl(['--namespace', NAMESPACE, 'create', 'secret', 'generic', 'barometer-storage', secret]);

    engine = createEngineHome();
    undo.push(() => engine.remove());
    const images = await pushBaseImages(registry.host);
    environment = {
      ...(engine.environment as Record<string, string>),
      PATH: `${dirname(cluster.kubectlPath)}:${process.env['PATH']}`,
      BAROMETER_TEMPORAL_ADDRESS: temporal.env.address,
      BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
      BAROMETER_MINIMUM_ACCURACY: '0',
      BAROMETER_REPOSITORY: repository,
      BAROMETER_IMAGE_REPOSITORY: `${registry.host}/barometer`,
      BAROMETER_IMAGES: 'api',
      BAROMETER_CONTAINER_ENGINE: 'buildah',
      BAROMETER_BASE_IMAGE: images.base,
      BAROMETER_BUILD_IMAGE: images.build,
      BAROMETER_REGISTRY_PLAIN_HTTP: 'true',
      BAROMETER_KUBECONFIG: cluster.kubeconfig,
    };
    await start(['worker'], 'Worker ready');
  });

  function git(...args: string[]): string {
    return execFileSync('git', args, { cwd: repository, encoding: 'utf8' }).trim();
  }

  /** A commit whose API says that it can't start. */
  function commitBrokenApi(): GitSha {
    const file = join(repository, 'api/serve.ts');
    writeFileSync(file, `throw new Error('This API was broken on purpose.');\n${readFileSync(file, 'utf8')}`);
    git(...AUTHOR, 'commit', '--quiet', '--all', '--message', 'Break the API');
    return git('rev-parse', 'HEAD');
  }

  async function start(args: readonly string[], sign: string): Promise<RunningCommand> {
    const command = startBarometer(args, environment);
    undo.push(() => command.stop());
    await until(() => command.output().includes(sign) || command.process.exitCode !== null, 60_000);
    assert.equal(command.process.exitCode, null, command.output());
    return command;
  }

  function run(gitSha: GitSha, ...switches: string[]): Promise<Finished> {
    return runBarometer(['run', '--git-sha', gitSha, '--epochs', '1', '--deploy', ...switches], environment);
  }

  /** What pods answer to anybody, for a rollout asks it of them. */
  async function readGolden() {
    return (await stores.registry.read(1, [])).card.golden[0]!;
  }

  async function answersWhoHasAKey(port: number): Promise<void> {
    const [face] = await Array.fromAsync(drawDemoFaces({ perLabel: 1, seed: 4 }));
    const ask = async (headers: Record<string, string>) => (await fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', body: Buffer.from(await face!.read()), headers })).status;
    assert.equal(await ask({}), 401);
    const { stdout } = await runBarometer(['keys', 'create', '--venue', 'blue-note'], environment);
    await until(async () => (await ask({ 'x-api-key': stdout.trim() })) === 200);
  }

  it('takes the commit into the cluster, where it answers with the model that the run has registered', async () => {
    const gitSha = git('rev-parse', 'HEAD');
    const { exitCode, stdout, stderr } = await run(gitSha);
    assert.equal(exitCode, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /Registered emotions-cnn version 1\./);
    assert.match(stdout, new RegExp(`images +${registry.host}/barometer/api:${gitSha}\\n +sha256:[0-9a-f]{64}`));
    assert.match(stderr, /✔ roll-out .*model version 1 on 1 pod, 4 golden predictions right/);

    const port = await findFreePort();
    await start(['port-forward', '--port', String(port)], `http://127.0.0.1:${port}/`);
    const golden = await readGolden();
    const answer = await fetch(`http://127.0.0.1:${port}/predict?faces=never`, { method: 'POST', body: Buffer.from(golden.image, 'base64') });
    const prediction = (await answer.json()) as { model: { version: number; gitSha: string }; probabilities: Record<string, number> };
    assert.equal(answer.status, 200, JSON.stringify(prediction));
    assert.equal(prediction.model.version, 1);
    assert.equal(prediction.model.gitSha, gitSha);
    assert.ok(Math.abs(prediction.probabilities['happy']! - golden.probabilities.happy) < 1e-3);

    await answersWhoHasAKey(port);

    const status = await runBarometer(['rollout'], environment);
    assert.match(status.stdout, new RegExp(`${gitSha.slice(0, 7)} with model version 1`));
    const logs = await runBarometer(['logs'], environment);
    assert.match(logs.stdout, /"path":"\/predict"|"url":"\/predict"|\/predict/);
  });

  it('changes nothing when the same commit is run again', async () => {
    const { exitCode, stderr } = await run(git('rev-parse', 'HEAD'), '--no-process', '--no-split', '--no-train');
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /api in the registry already/);
    assert.match(stderr, /nothing to change: model version 1/);
  });

  it('holds until somebody lets the rollout through', async () => {
    git(...AUTHOR, 'commit', '--quiet', '--allow-empty', '--message', 'Change nothing');
    const gitSha = git('rev-parse', 'HEAD');
    const command = startBarometer(['run', '--git-sha', gitSha, '--deploy', '--approval', '--no-process', '--no-split', '--no-train'], environment);
    undo.push(() => command.stop());
    await until(() => command.output().includes('waits for approval') || command.process.exitCode !== null, LIMIT_MS);
    assert.match((await runBarometer(['rollout'], environment)).stdout, new RegExp(`${git('rev-parse', '--short=7', 'HEAD^')} with model version 1`));

    const approved = await runBarometer(['approve', gitSha, '--by', 'kim', '--reason', 'Looks good.'], environment);
    assert.equal(approved.exitCode, 0, approved.stderr);
    await until(() => command.process.exitCode !== null, LIMIT_MS);
    assert.equal(command.process.exitCode, 0, command.output());
    assert.match(command.output(), /✔ approve .*approved by kim: Looks good\./);
    assert.match((await runBarometer(['rollout'], environment)).stdout, new RegExp(`${gitSha.slice(0, 7)} with model version 1`));
  });

  it('brings an earlier run back into the cluster without building or training anything', async () => {
    const first = git('rev-parse', 'HEAD^');
    const { exitCode, stderr } = await runBarometer(['retry', first, '--from', 'roll-out'], environment);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /✔ roll-out .*model version 1 on 1 pod, 4 golden predictions right/);
    assert.doesNotMatch(stderr, /✔ build-image/);
    assert.match((await runBarometer(['rollout'], environment)).stdout, new RegExp(`${first.slice(0, 7)} with model version 1`));
    const { stderr: again } = await runBarometer(['retry', git('rev-parse', 'HEAD'), '--from', 'roll-out'], environment);
    assert.match(again, new RegExp(`✔ roll-out .*model version 1`));
  });

  it('leaves the old pods serving without one failed request when the new ones are broken', async () => {
    const good = git('rev-parse', 'HEAD');
    const { image } = await readGolden();
    const load = startLoad(connectCluster({ kubeconfig: cluster.kubeconfig, context: null, namespace: NAMESPACE }), { image, pauseMs: PAUSE_MS });
    const broken = await run(commitBrokenApi(), '--no-process', '--no-split', '--no-train');
    const { requests, failures } = await load.stop();

    assert.equal(broken.exitCode, 1, broken.stderr);
    const said = `${broken.stdout}\n${broken.stderr}`;
    assert.match(said, /CrashLoopBackOff/);
    assert.match(said, /This API was broken on purpose\./);
    assert.deepEqual(failures, []);
    assert.ok(requests > 300, `${requests} requests`);
    const status = await runBarometer(['rollout'], environment);
    assert.match(status.stdout, new RegExp(`${good.slice(0, 7)} with model version 1`));
    assert.match(status.stdout, /1 of 1 ready/);
  });
});
