import assert from 'node:assert/strict';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import type { ModelRegistry } from '../../../adapters/blob-storage/model-registry.ts';
import { createModelRegistry } from '../../../adapters/blob-storage/model-registry.ts';
import { isFailure } from '../../../domain/failure.ts';
import { CONTAINERS, MODEL_FILES, MODEL_NAME, modelKeys } from '../../../domain/names.ts';
import { useAzurite } from '../../support/azurite.ts';
import { toRegistration } from '../../support/models.ts';

const { models } = CONTAINERS;

describe('model registry', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;
  let registry: ModelRegistry;

  beforeEach(async () => {
    blobs = await azurite.newStore();
    registry = createModelRegistry(blobs, MODEL_NAME);
  });

  async function registerRuns(...runNames: string[]): Promise<void> {
    for (const runName of runNames) await registry.register(toRegistration({ runName }));
  }

  async function namesOfVersion(version: number): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of blobs.list(models, modelKeys.file(MODEL_NAME, version, ''))) names.push(name.split('/').at(-1)!);
    return names;
  }

  async function versionsOf(...aliases: ('latest' | 'previous')[]): Promise<(number | undefined)[]> {
    const targets = await Promise.all(aliases.map((alias) => registry.resolveAlias(alias)));
    return targets.map((target) => target?.version);
  }

  describe('registering', () => {
    it('numbers versions from 1 and files each whole', async () => {
      const first = await registry.register(toRegistration({ runName: 'run-a' }));
      const second = await registry.register(toRegistration({ runName: 'run-b', files: { [MODEL_FILES.onnx]: 'other' } }));

      assert.equal(first.version, 1);
      assert.equal(second.version, 2);
      assert.deepEqual(await registry.list(), [first, second]);
      const stored = await registry.read(2);
      assert.equal(stored.manifest.runName, 'run-b');
      assert.equal(stored.card.runName, 'run-b');
      assert.equal(Buffer.from(stored.files.get(MODEL_FILES.onnx)!).toString(), 'other');
      assert.equal(stored.files.size, Object.keys(MODEL_FILES).length);
    });

    it('points latest at the new version and previous at the one before', async () => {
      await registerRuns('run-a');
      assert.deepEqual(await versionsOf('latest', 'previous'), [1, undefined]);
      await registerRuns('run-b', 'run-c');
      assert.deepEqual(await versionsOf('latest', 'previous'), [3, 2]);
    });

    it('gives a run that asks again the version that it has', async () => {
      const first = await registry.register(toRegistration({ runName: 'run-a' }));
      await registerRuns('run-b');
      assert.deepEqual(await registry.register(toRegistration({ runName: 'run-a' })), first);
      assert.deepEqual(await versionsOf('latest', 'previous'), [2, 1]);
    });

    it('goes on where a crashed attempt of the same run stopped', async () => {
      const failing: BlobStore = {
        ...blobs,
        create: (container, name, ...rest) =>
          name.endsWith('/manifest.json') ? Promise.reject(new Error('crash')) : blobs.create(container, name, ...rest),
      };
      const crashing = createModelRegistry(failing, MODEL_NAME);
      await assert.rejects(crashing.register(toRegistration({ runName: 'run-a' })), /crash/);
      assert.deepEqual(await registry.list(), []);
      assert.equal(await registry.resolveAlias('latest'), null);

      await registerRuns('run-b');
      assert.equal((await registry.register(toRegistration({ runName: 'run-a' }))).version, 1);
      assert.deepEqual((await registry.list()).map(({ runName }) => runName), ['run-a', 'run-b']);
    });

    it('does not move latest back when an older version is finished late', async () => {
      await blobs.create(models, modelKeys.claim(MODEL_NAME, 1), JSON.stringify({ runName: 'run-a', gitSha: 'a'.repeat(40) }));
      await registerRuns('run-b', 'run-a');
      assert.deepEqual(await versionsOf('latest', 'previous'), [2, undefined]);
    });

    it('recognizes its own claim when the answer to the write was lost', async () => {
      const lossy: BlobStore = {
        ...blobs,
        async create(...args) {
          await blobs.create(...args);
          return false;
        },
      };
      const manifest = await createModelRegistry(lossy, MODEL_NAME).register(toRegistration({ runName: 'run-a' }));
      assert.equal(manifest.version, 1);
      assert.equal((await registry.find(1))?.runName, 'run-a');
    });

    it('gives eight runs at once eight versions, and latest to the newest', async () => {
      const runs = Array.from({ length: 8 }, (_, index) => `run-${index}`);
      const registered = await Promise.all(
        runs.map((runName) => createModelRegistry(blobs, MODEL_NAME).register(toRegistration({ runName }))),
      );
      assert.deepEqual(registered.map(({ version }) => version).toSorted(), [1, 2, 3, 4, 5, 6, 7, 8]);
      assert.equal((await registry.list()).length, 8);
      const [latest, previous] = await versionsOf('latest', 'previous');
      assert.equal(latest, 8);
      assert.ok(previous !== undefined && previous < 8);
    });
  });

  describe('cancelling a registration', () => {
    for (const file of [MODEL_FILES.onnx, MODEL_FILES.card]) {
      it(`leaves nothing behind while ${file} is being written`, async () => {
        const reason = new Error('cancelled');
        const controller = new AbortController();
        const cancelling: BlobStore = {
          ...blobs,
          async write(container, name, ...rest) {
            const etag = await blobs.write(container, name, ...rest);
            if (name.endsWith(`/${file}`)) controller.abort(reason);
            return etag;
          },
        };
        const { signal } = controller;
        const registering = createModelRegistry(cancelling, MODEL_NAME).register(toRegistration({ runName: 'run-a', signal }));
        await assert.rejects(registering, reason);
        assert.deepEqual(await namesOfVersion(1), []);
        assert.deepEqual(await registry.list(), []);
        await registerRuns('run-b');
        assert.deepEqual(await versionsOf('latest'), [1]);
      });
    }

    it('leaves a version alone that is visible already', async () => {
      const controller = new AbortController();
      const cancelling: BlobStore = {
        ...blobs,
        async create(container, name, ...rest) {
          const created = await blobs.create(container, name, ...rest);
          if (name.endsWith('/manifest.json')) controller.abort();
          return created;
        },
      };
      const { signal } = controller;
      await createModelRegistry(cancelling, MODEL_NAME).register(toRegistration({ runName: 'run-a', signal }));
      assert.deepEqual(await versionsOf('latest'), [1]);
    });
  });

  describe('reading', () => {
    beforeEach(() => registerRuns('run-a'));

    it('brings only the files asked for, and the card', async () => {
      const { files, card } = await registry.read(1, [MODEL_FILES.onnx]);
      assert.deepEqual([...files.keys()], [MODEL_FILES.onnx]);
      assert.equal(card.runName, 'run-a');
    });

    it('says that a version does not exist, also when only its files do', async () => {
      await blobs.write(models, modelKeys.file(MODEL_NAME, 2, MODEL_FILES.onnx), 'half');
      await assert.rejects(registry.read(2), (error) => isFailure(error, 'not-found'));
      assert.equal(await registry.find(2), null);
    });

    it('refuses a file that was changed', async () => {
      await blobs.write(models, modelKeys.file(MODEL_NAME, 1, MODEL_FILES.onnx), 'forged');
      await assert.rejects(registry.read(1), (error) => isFailure(error, 'data-corrupt'));
    });

    it('refuses a version with a file missing', async () => {
      await blobs.remove(models, modelKeys.file(MODEL_NAME, 1, MODEL_FILES.weights));
      await assert.rejects(registry.read(1), (error) => isFailure(error, 'data-corrupt'));
    });

    it('refuses a manifest whose labels stand in another order', async () => {
      const key = modelKeys.manifest(MODEL_NAME, 1);
      const text = Buffer.from((await blobs.read(models, key)).bytes).toString();
      const manifest = { ...(JSON.parse(text) as object), labels: ['sad', 'happy', 'angry', 'fearful'] };
      await blobs.write(models, key, JSON.stringify(manifest));
      await assert.rejects(registry.read(1), (error) => isFailure(error, 'data-corrupt'));
    });

    it('tells whether latest has moved', async () => {
      const { etag } = (await registry.resolveAlias('latest'))!;
      assert.equal(await registry.readLatestIfChanged(etag), 'unchanged');
      await registerRuns('run-b');
      const moved = await registry.readLatestIfChanged(etag);
      assert.ok(moved !== null && moved !== 'unchanged');
      assert.equal(moved.version, 2);
      assert.notEqual(moved.etag, etag);
    });
  });

  describe('rolling back', () => {
    it('fails with a clear reason when there is nothing to go back to', async () => {
      await assert.rejects(registry.rollback(), (error) => isFailure(error, 'not-found'));
      await registerRuns('run-a');
      await assert.rejects(registry.rollback(), (error) => isFailure(error, 'not-found'));
    });

    it('swaps latest and previous', async () => {
      await registerRuns('run-a', 'run-b');
      assert.deepEqual(await registry.rollback(), { from: 2, to: 1 });
      assert.deepEqual(await versionsOf('latest', 'previous'), [1, 2]);
      assert.deepEqual(await registry.rollback(), { from: 1, to: 2 });
      assert.deepEqual(await versionsOf('latest', 'previous'), [2, 1]);
    });

    it('is not undone by the run whose version it took out of use', async () => {
      await registerRuns('run-a', 'run-b');
      await registry.rollback();
      await registerRuns('run-b');
      assert.deepEqual(await versionsOf('latest', 'previous'), [1, 2]);
    });

    it('gives way to the next version, which remembers what was served before it', async () => {
      await registerRuns('run-a', 'run-b');
      await registry.rollback();
      await registerRuns('run-c');
      assert.deepEqual(await versionsOf('latest', 'previous'), [3, 1]);
    });

    it('refuses to go back to a version that is not whole any more', async () => {
      await registerRuns('run-a', 'run-b');
      await blobs.remove(models, modelKeys.file(MODEL_NAME, 1, MODEL_FILES.onnx));
      await assert.rejects(registry.rollback(), (error) => isFailure(error, 'data-corrupt'));
      assert.deepEqual(await versionsOf('latest', 'previous'), [2, 1]);
    });

    it('leaves a version in place that is registered meanwhile', async () => {
      await registerRuns('run-a', 'run-b');
      let hasOvertaken = false;
      const overtaken: BlobStore = {
        ...blobs,
        async replace(...write) {
          if (!hasOvertaken) await registerRuns('run-c');
          hasOvertaken = true;
          return blobs.replace(...write);
        },
      };
      await assert.rejects(createModelRegistry(overtaken, MODEL_NAME).rollback(), (error) => {
        assert.ok(isFailure(error, 'write-conflict'));
        assert.match(error.message, /^Version 3 became the latest while version 2 was being rolled back/);
        return true;
      });
      assert.deepEqual(await versionsOf('latest', 'previous'), [3, 2]);
    });

    it('happens once when two people ask for it at once', async () => {
      await registerRuns('run-a', 'run-b');
      const { promise: bothDecided, resolve: meet } = Promise.withResolvers<void>();
      let decided = 0;
      const meeting: BlobStore = {
        ...blobs,
        async replace(...write) {
          decided += 1;
          if (decided === 2) meet();
          await bothDecided;
          return blobs.replace(...write);
        },
      };
      const rollbacks = Array.from({ length: 2 }, () => createModelRegistry(meeting, MODEL_NAME).rollback());
      assert.deepEqual(await Promise.all(rollbacks), [{ from: 2, to: 1 }, { from: 2, to: 1 }]);
      assert.deepEqual(await versionsOf('latest', 'previous'), [1, 2]);
    });

    it('happens once when its answer is lost on the way', async () => {
      await registerRuns('run-a', 'run-b');
      let isLost = false;
      const lossy: BlobStore = {
        ...blobs,
        async replace(container, name, etag, ...rest) {
          const written = await blobs.replace(container, name, etag, ...rest);
          if (isLost) return written;
          isLost = true;
          return blobs.replace(container, name, etag, ...rest);
        },
      };
      await createModelRegistry(lossy, MODEL_NAME).rollback();
      assert.deepEqual(await versionsOf('latest', 'previous'), [1, 2]);
    });
  });
});
