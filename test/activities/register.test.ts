import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { CancelledFailure } from '@temporalio/common';
import type { RegisterDependencies, RegisterRequest, RegisterSummary } from '../../activities/register.ts';
import { createRegisterActivities } from '../../activities/register.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createModelRegistry } from '../../adapters/blob-storage/model-registry.ts';
import type { ModelRegistry } from '../../adapters/blob-storage/model-registry.ts';
import { createRunStore } from '../../adapters/blob-storage/run-store.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { ModelCard, ModelManifest } from '../../domain/model.ts';
import { MODEL_FILES, MODEL_NAME, modelKeys, runKeys } from '../../domain/names.ts';
import type { TrainingResult } from '../../domain/training.ts';
import { useAzurite } from '../support/azurite.ts';
import { GIT_SHA, toModelCard, toRegistration } from '../support/models.ts';
import { createActivityEnvironment } from '../support/run-activity.ts';
import { saveTraining } from '../support/stored-training.ts';

const RUN = '20261124T015500Z-1a2b3c4';

type Registration = Parameters<RegisterDependencies['registry']['register']>[0];

interface SetUp {
  readonly card?: ModelCard | null;
  /** A file of the candidate that is missing, and one that is not what was trained. */
  readonly without?: string;
  readonly changed?: string;
}

describe('registerModel', () => {
  function setUp({ card = toModelCard(), without = '', changed = '' }: SetUp = {}) {
    const files = new Map([...toRegistration().files].filter(([name]) => name !== without));
    const registrations: Registration[] = [];
    const dependencies: RegisterDependencies = {
      runs: {
        findCard: () => Promise.resolve(card),
        findResult: () => Promise.resolve(toResult(files)),
        readCandidateFile: (_run, name) => Promise.resolve(name === changed ? Buffer.from('changed') : files.get(name)!),
      },
      registry: {
        register(registration) {
          registrations.push(registration);
          const { manifest } = registration;
          return Promise.resolve({ ...manifest, name: MODEL_NAME, version: 7, registeredAt: '', files: [] } satisfies ModelManifest);
        },
        resolveAlias: () => Promise.resolve(null),
        read: () => Promise.reject(new Failure('not-found', 'There is no such version.')),
      },
    };
    return { dependencies, registrations };
  }

  function run(
    dependencies: RegisterDependencies,
    request: RegisterRequest = { runName: RUN, gitSha: GIT_SHA },
    environment = createActivityEnvironment(),
  ): Promise<RegisterSummary> {
    return environment.run(createRegisterActivities(dependencies).registerModel, request);
  }

  it('hands the candidate, its card and its pictures to the registry', async () => {
    const { dependencies, registrations } = setUp();
    assert.deepEqual(await run(dependencies), { name: MODEL_NAME, version: 7, accuracy: 0.75, cachedFrom: null });
    const [registration] = registrations;
    assert.deepEqual([...registration!.files.keys()].toSorted(), Object.values(MODEL_FILES).toSorted());
    assert.equal(registration!.manifest.gitSha, GIT_SHA);
    assert.equal(registration!.manifest.runName, RUN);
  });

  it('refuses a candidate that did not pass the gate', async () => {
    const { dependencies, registrations } = setUp({ card: toModelCard({ gate: { passed: false, reason: 'Too weak.' } }) });
    await assert.rejects(run(dependencies), (error) => isFailure(error, 'input-invalid'));
    assert.equal(registrations.length, 0);
  });

  it('refuses a candidate of another commit', async () => {
    const { dependencies } = setUp();
    const request = { runName: RUN, gitSha: 'f'.repeat(40) };
    await assert.rejects(run(dependencies, request), (error) => isFailure(error, 'input-invalid'));
  });

  it('refuses a run that was never evaluated', async () => {
    const { dependencies } = setUp({ card: null });
    await assert.rejects(run(dependencies), (error) => isFailure(error, 'not-found'));
  });

  it('refuses a candidate without its ONNX network', async () => {
    const { dependencies } = setUp({ without: MODEL_FILES.onnx });
    await assert.rejects(run(dependencies), (error) => isFailure(error, 'data-corrupt'));
  });

  it('refuses a candidate whose files are not those that were trained', async () => {
    const { dependencies, registrations } = setUp({ changed: MODEL_FILES.weights });
    await assert.rejects(run(dependencies), (error) => isFailure(error, 'data-corrupt'));
    assert.equal(registrations.length, 0);
  });

  it('ends as cancelled when it is cancelled, once the registry has cleaned up', async () => {
    const { dependencies } = setUp();
    const environment = createActivityEnvironment();
    let isCleanedUp = false;
    const cancelling: RegisterDependencies = {
      ...dependencies,
      registry: {
        ...dependencies.registry,
        async register({ signal }) {
          environment.cancel();
          await new Promise((resolve) => setImmediate(resolve));
          isCleanedUp = true;
          signal.throwIfAborted();
          throw new Error('not aborted');
        },
      },
    };
    await assert.rejects(run(cancelling, undefined, environment), CancelledFailure);
    assert.ok(isCleanedUp);
  });
});

describe('registerModel, where the network may be registered already', () => {
  const FIRST = '20261124T015500Z-1a2b3c4';
  const SECOND = '20261125T015500Z-fedcba9';
  const OTHER_SHA = 'fe'.repeat(20);
  const azurite = useAzurite();
  let blobs: BlobStore;
  let registry: ModelRegistry;

  beforeEach(async () => {
    blobs = await azurite.newStore();
    registry = createModelRegistry(blobs, MODEL_NAME);
    await saveTraining(blobs, FIRST);
    await saveCardAs(FIRST, GIT_SHA);
    await registerAs(FIRST, GIT_SHA);
  });

  async function saveCardAs(runName: string, gitSha: string): Promise<void> {
    const { evaluation } = toModelCard();
    await createRunStore(blobs).saveCard(toModelCard({ runName, gitSha, evaluation: { ...evaluation, accuracy: runName === FIRST ? 0.75 : 0.7 } }), { confusion: '<svg/>', reliability: '<svg/>' });
  }

  /** A later run of another commit, which found that its network is there already. */
  async function adoptAs(runName: string): Promise<void> {
    await createRunStore(blobs).adoptTraining(FIRST, runName);
    await saveCardAs(runName, OTHER_SHA);
  }

  async function registerAs(runName: string, gitSha = OTHER_SHA, useCache = true): Promise<RegisterSummary> {
    const { registerModel } = createRegisterActivities({ runs: createRunStore(blobs), registry });
    return createActivityEnvironment().run(registerModel, { runName, gitSha, useCache });
  }

  const readVersions = async () => (await registry.list()).map(({ version, runName }) => [version, runName]);

  it('takes no new version for a network that the latest one has, and says who registered it', async () => {
    await adoptAs(SECOND);
    assert.deepEqual(await registerAs(SECOND), { name: MODEL_NAME, version: 1, accuracy: 0.75, cachedFrom: FIRST });
    assert.deepEqual(await readVersions(), [[1, FIRST]]);
  });

  it('says the same when it is tried again, and finds nothing strange in its own version', async () => {
    await adoptAs(SECOND);
    assert.deepEqual(await registerAs(SECOND), await registerAs(SECOND));
    assert.deepEqual(await registerAs(FIRST, GIT_SHA), { name: MODEL_NAME, version: 1, accuracy: 0.75, cachedFrom: null });
    assert.deepEqual(await readVersions(), [[1, FIRST]]);
  });

  it('takes a new version for another network', async () => {
    await saveTraining(blobs, SECOND);
    await saveCardAs(SECOND, OTHER_SHA);
    assert.deepEqual(await registerAs(SECOND), { name: MODEL_NAME, version: 2, accuracy: 0.7, cachedFrom: null });
  });

  it('takes a new version where only an older one has the network', async () => {
    await saveTraining(blobs, 'between');
    await saveCardAs('between', OTHER_SHA);
    await registerAs('between');
    await adoptAs(SECOND);
    assert.equal((await registerAs(SECOND)).version, 3);
  });

  it('takes a new version when the one that is there is no longer whole', async () => {
    await adoptAs(SECOND);
    await blobs.remove('models', modelKeys.file(MODEL_NAME, 1, MODEL_FILES.onnx));
    assert.deepEqual(await registerAs(SECOND), { name: MODEL_NAME, version: 2, accuracy: 0.7, cachedFrom: null });
    assert.equal((await registry.resolveAlias('latest'))?.version, 2);
  });

  it('takes a new version in any case without the cache', async () => {
    await adoptAs(SECOND);
    assert.equal((await registerAs(SECOND, OTHER_SHA, false)).version, 2);
    assert.equal((await registry.find(2))?.gitSha, OTHER_SHA);
  });

  it('checks its own files also where it needs no version', async () => {
    await adoptAs(SECOND);
    await blobs.write('runs', runKeys.candidate(SECOND, MODEL_FILES.weights), 'changed');
    await assert.rejects(registerAs(SECOND), (error) => isFailure(error, 'data-corrupt'));
  });
});

function toResult(files: ReadonlyMap<string, Uint8Array>): TrainingResult {
  const trained = [...files].filter(([name]) => name !== MODEL_FILES.card && name !== MODEL_FILES.confusion);
  return {
    ...toModelCard().training,
    samples: toModelCard().data.counts,
    files: trained.map(([name, bytes]) => ({
      name,
      digest: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.byteLength,
    })),
  };
}
