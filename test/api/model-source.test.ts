import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { createApiMetrics } from '../../adapters/telemetry/api-metrics.ts';
import type { ModelSourceOptions } from '../../api/model-source.ts';
import { createModelSource } from '../../api/model-source.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import { createFakeLoader, createFakeVersions, createTestLogger } from '../support/api.ts';
import { until } from '../support/until.ts';

const PIXELS = new Uint8Array(IMAGE_PIXELS);
const NEVER_MS = 1_000_000;

describe('model source', () => {
  const opened: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((source) => source.close()));
  });

  function setUp(changes: Partial<ModelSourceOptions> = {}) {
    const versions = createFakeVersions();
    const loader = createFakeLoader();
    const { logger, lines } = createTestLogger('info');
    function start() {
      const options = { versions, loadClassifier: loader.load, version: 'latest', pollMs: NEVER_MS, logger, metrics: createApiMetrics() } as const;
      const source = createModelSource({ ...options, ...changes });
      opened.push(source);
      return source;
    }
    return { versions, loader, lines, start };
  }

  async function ask(source: ReturnType<typeof createModelSource>): Promise<string> {
    return source.use(async ({ classifier }) => {
      const [answer] = await classifier.classify([PIXELS]);
      return Object.entries(answer!).toSorted(([, a], [, b]) => b - a)[0]![0];
    });
  }

  it('has no model until one is registered', async () => {
    const { versions, start } = setUp();
    const source = start();
    await source.refresh();
    assert.equal(source.current(), null);
    await assert.rejects(ask(source), (error) => isFailure(error, 'model-unavailable'));
    versions.publish('sad');
    await source.refresh();
    assert.equal(await ask(source), 'sad');
  });

  it('looks for a newer version by itself', async () => {
    const { versions, start } = setUp({ pollMs: 5 });
    versions.publish('sad');
    const source = start();
    await source.refresh();
    versions.publish('angry');
    await until(() => source.current()?.manifest.version === 2);
    assert.equal(await ask(source), 'angry');
  });

  it('closes the old model only when its last request is answered', async () => {
    const { versions, loader, start } = setUp();
    versions.publish('sad');
    const source = start();
    await source.refresh();
    const gate = Promise.withResolvers<void>();
    const slow = source.use(async ({ classifier }) => {
      await gate.promise;
      return classifier.classify([PIXELS]);
    });
    versions.publish('angry');
    await source.refresh();
    assert.equal(await ask(source), 'angry');
    const [old] = loader.loaded;
    assert.equal(old!.isClosed, false);
    gate.resolve();
    assert.equal((await slow)[0]!.sad, 0.7);
    await delay(1);
    assert.equal(old!.isClosed, true);
  });

  it('goes on with the old model when the new one is broken, and reports that', async () => {
    const { versions, lines, start } = setUp();
    versions.publish('sad');
    const source = start();
    await source.refresh();
    versions.publish('broken');
    await source.refresh();
    assert.equal(await ask(source), 'sad');
    const line = lines.find(({ level }) => level === 'error')!;
    assert.deepEqual([line['version'], line['serving']], [2, 1]);
  });

  it('does not try a broken version at every look, and takes the next one at once', async () => {
    const { versions, lines, start } = setUp();
    versions.publish('broken');
    const source = start();
    for (let look = 0; look < 5; look += 1) await source.refresh();
    assert.equal(lines.filter(({ level }) => level === 'error').length, 1);
    versions.publish('angry');
    await source.refresh();
    assert.equal(await ask(source), 'angry');
  });

  it('tries a version again that could not be read for a while', async () => {
    const { versions, loader, start } = setUp({ pollMs: 1 });
    versions.publish('sad');
    let failures = 0;
    const { read } = versions;
    versions.read = (version, names) => {
      failures += 1;
      return failures < 3 ? Promise.reject(new Failure('dependency-unavailable', 'no answer')) : read(version, names);
    };
    const source = start();
    await until(() => source.current() !== null);
    assert.equal(await ask(source), 'sad');
    assert.equal(loader.loaded.length, 1);
  });

  it('keeps serving while the registry is out of reach', async () => {
    const { versions, lines, start } = setUp();
    versions.publish('sad');
    const source = start();
    await source.refresh();
    versions.readLatestIfChanged = () => Promise.reject(new Failure('dependency-unavailable', 'no answer'));
    await source.refresh();
    assert.equal(await ask(source), 'sad');
    assert.equal(lines.at(-1)!.level, 'warn');
  });

  it('serves the pinned version, whatever latest is', async () => {
    const { versions, start } = setUp({ version: 1 });
    versions.publish('fearful');
    versions.publish('sad');
    const source = start();
    await source.refresh();
    assert.equal(await ask(source), 'fearful');
  });

  it('closes its model when it is closed', async () => {
    const { versions, loader, start } = setUp();
    versions.publish('sad');
    const source = start();
    await source.refresh();
    await source.close();
    assert.equal(loader.loaded[0]!.isClosed, true);
    assert.equal(source.current(), null);
  });
});
