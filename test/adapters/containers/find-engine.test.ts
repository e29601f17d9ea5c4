import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'mocha';
import { findEngine } from '../../../adapters/containers/find-engine.ts';
import type { ContainerEngineName } from '../../../config/images.ts';
import type { ImagePlatform } from '../../../domain/container-image.ts';
import type { EngineHome } from '../../support/container-engines.ts';
import { createEngineHome } from '../../support/container-engines.ts';

const WORKS = 'exit 0';
const BOTH = ['linux/amd64', 'linux/arm64'] as const;

describe('finding a container engine', () => {
  let home: EngineHome;

  beforeEach('make a home', () => {
    home = createEngineHome();
  });

  afterEach('remove it', () => home.remove());

  /** A machine that has these programs and no others. */
  async function find(programs: Readonly<Record<string, string>>, choice: ContainerEngineName | null = null, platforms: readonly ImagePlatform[] = BOTH): Promise<string> {
    for (const [name, script] of Object.entries(programs)) home.write(`bin/${name}`, `#!/bin/sh\n${script}\n`, 0o755);
    const found = await findEngine({ choice, platforms, environment: { ...home.environment, PATH: `${home.directory}/bin` } });
    return 'engine' in found ? found.engine.name : found.whyNot;
  }

  /** `docker` with the plugin buildx, which lists these builders. */
  function toDocker(builders: readonly object[], driverStatus = '[["Backing Filesystem","extfs"]]'): string {
    const lines = builders.map((builder) => `echo '${JSON.stringify({ Name: 'default', Driver: 'docker-container', Current: true, Nodes: [], ...builder })}'`);
    return `case "$1 $2" in "buildx version") ;; "buildx ls") ${lines.join('; ')} ;; "info --format={{json .DriverStatus}}") echo '${driverStatus}' ;; *) exit 9 ;; esac`;
  }

  it('takes buildx, then buildah, then podman', async () => {
    assert.equal(await find({ podman: WORKS }), 'podman');
    assert.equal(await find({ buildah: WORKS }), 'buildah');
    assert.equal(await find({ docker: toDocker([{}]) }), 'buildx');
  });

  it('takes the one that is chosen, or none', async () => {
    assert.equal(await find({ docker: toDocker([{}]), buildah: WORKS }, 'buildah'), 'buildah');
    const whyNot = await find({}, 'podman');
    assert.match(whyNot, /podman is not installed/);
    assert.match(whyNot, /BAROMETER_CONTAINER_ENGINE/);
    assert.ok(!whyNot.includes('buildx'));
  });

  it('says what it looked for, and what to do', async () => {
    assert.equal(
      await find({}),
      'No container engine can build images here: docker buildx is not installed; buildah is not installed; podman is not installed. Install one of them where this worker runs, or name one in BAROMETER_CONTAINER_ENGINE.',
    );
  });

  it('passes over docker without the plugin', async () => {
    assert.equal(await find({ docker: 'exit 1', buildah: WORKS }), 'buildah');
  });

  it('passes over one that is installed and does not work', async () => {
    assert.match(await find({ buildah: '[ "$1" = --version ]' }), /buildah is installed, but "buildah info" fails/);
  });

  it('passes over buildx whose builder does not answer', async () => {
    const noDaemon = { Driver: '', Err: 'failed to connect to the docker API' };
    assert.match(await find({ docker: toDocker([noDaemon]) }, 'buildx'), /the builder "default" of docker buildx does not answer/);
    const noBuildKit = { Name: 'far', Driver: 'remote', Nodes: [{ Name: 'far0', Status: 'inactive' }] };
    assert.match(await find({ docker: toDocker([noBuildKit]) }, 'buildx'), /the builder "far" of docker buildx does not answer/);
    assert.match(await find({ docker: toDocker([]) }, 'buildx'), /has no builder/);
    assert.match(await find({ docker: 'echo nonsense' }, 'buildx'), /has no builder/);
  });

  it('looks at the current builder only', async () => {
    const broken = { Name: 'broken', Current: false, Err: 'gone' };
    assert.equal(await find({ docker: toDocker([broken, { Driver: 'remote', Nodes: [{ Status: 'running' }] }]) }), 'buildx');
  });

  it('passes over a builder that can build for one platform only, when there are more', async () => {
    const docker = toDocker([{ Driver: 'docker' }]);
    assert.match(await find({ docker }, 'buildx'), /for one platform only \(see "docker buildx create --use"/);
    assert.equal(await find({ docker }, 'buildx', ['linux/amd64']), 'buildx');
    assert.equal(await find({ docker: toDocker([{ Driver: 'docker' }], '[["driver-type","io.containerd.snapshotter.v1"]]') }, 'buildx'), 'buildx');
  });
});
