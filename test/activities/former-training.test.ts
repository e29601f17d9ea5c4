import assert from 'node:assert/strict';
import { createFormerTraining } from '../../activities/former-training.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createRunStore } from '../../adapters/blob-storage/run-store.ts';
import { createStepMemory } from '../../adapters/blob-storage/step-memory.ts';
import type { ComputeKind } from '../../domain/compute.ts';
import type { SplitManifest } from '../../domain/dataset.ts';
import { MODEL_FILES, runKeys } from '../../domain/names.ts';
import type { TrainingSpec } from '../../domain/training.ts';
import { hyperparametersSchema } from '../../domain/training.ts';
import { useAzurite } from '../support/azurite.ts';
import { runActivity } from '../support/run-activity.ts';
import { toReferences, toSplitManifest } from '../support/splits.ts';
import { saveTraining } from '../support/stored-training.ts';

const FIRST = '20261124T015500Z-1a2b3c4';
const SECOND = '20261125T015500Z-fedcba9';

interface Circumstances {
  readonly split?: Partial<SplitManifest>;
  readonly spec?: Partial<TrainingSpec>;
  readonly compute?: ComputeKind;
  readonly code?: string;
}

describe('networks that were trained before', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;

  beforeEach(async () => {
    blobs = await azurite.newStore();
  });

  function open({ split = {}, code = 'code' }: Circumstances) {
    return createFormerTraining({
      runs: createRunStore(blobs),
      datasets: { readSplit: async () => toSplitManifest(split) },
      memory: createStepMemory(blobs),
      readCode: async () => code,
    });
  }

  async function trainAs(runName: string, circumstances: Circumstances = {}): Promise<void> {
    const result = await saveTraining(blobs, runName, circumstances.spec);
    const former = open(circumstances);
    await runActivity(async () => former.remember(await former.readInputs(circumstances.compute ?? 'local', result.spec), result));
  }

  /** The name under which the network was trained that `runName` gets; null when it has to train one. */
  async function adoptAs(runName: string, { spec = {}, compute = 'local', ...rest }: Circumstances = {}): Promise<string | null> {
    const former = open(rest);
    const request = { runName, gitSha: 'fe'.repeat(20), splitVersion: 'any', hyperparameters: hyperparametersSchema.parse({}), ...spec };
    const { result } = await runActivity(async () => former.adopt(await former.readInputs(compute, request), runName));
    return result?.spec.runName ?? null;
  }

  it('are taken by a run of another commit with the same images, recipe and code', async () => {
    await trainAs(FIRST);
    assert.equal(await adoptAs(SECOND), FIRST);
    assert.equal((await createRunStore(blobs).findResult(SECOND))?.spec.runName, FIRST);
  });

  it('are taken where the same images lie in another data set, other shards, another order', async () => {
    await trainAs(FIRST);
    const train = toReferences(1, 16).map((reference) => ({ ...reference, shard: 'ef'.repeat(32) })).toReversed();
    assert.equal(await adoptAs(SECOND, { split: { datasetVersion: 'another', version: 'another', train } }), FIRST);
  });

  it('are taken where only the test side differs, which training never looks at', async () => {
    await trainAs(FIRST);
    assert.equal(await adoptAs(SECOND, { split: { test: toReferences(30, 60), testRatio: 0.5 } }), FIRST);
  });

  const recipe = hyperparametersSchema.parse({});
  const others: Record<string, Circumstances> = {
    'one image more to train on': { split: { train: toReferences(1, 17) } },
    'an image under another label': { split: { train: toReferences(1, 16).map((each, index) => (index === 0 ? { ...each, label: 'fearful' } : each)) } },
    'another transform': { split: { transform: { name: 'grey-cover-48', version: 9 } } },
    'another seed': { spec: { hyperparameters: { ...recipe, seed: 2 } } },
    'more epochs': { spec: { hyperparameters: { ...recipe, epochs: 61 } } },
    'another part for validation': { spec: { hyperparameters: { ...recipe, validationRatio: 0.2 } } },
    'other code': { code: 'other code' },
    'another compute': { compute: 'azure-ml' },
  };
  for (const [what, circumstances] of Object.entries(others)) {
    it(`are not taken with ${what}`, async () => {
      await trainAs(FIRST);
      assert.equal(await adoptAs(SECOND, circumstances), null);
      assert.equal(await createRunStore(blobs).findResult(SECOND), null);
    });
  }

  it('are taken elsewhere only within one commit, whose image trains', async () => {
    await trainAs(FIRST, { compute: 'azure-ml', spec: { gitSha: 'ab'.repeat(20) } });
    assert.equal(await adoptAs(SECOND, { compute: 'azure-ml', spec: { gitSha: 'ab'.repeat(20) }, code: 'other code of the one who watches' }), FIRST);
    assert.equal(await adoptAs(`${SECOND}.c2`, { compute: 'azure-ml', spec: { gitSha: 'cd'.repeat(20) } }), null);
  });

  it('are not taken when a file of theirs is gone, or is not what it was', async () => {
    await trainAs(FIRST);
    await blobs.remove('runs', runKeys.candidate(FIRST, MODEL_FILES.weights));
    assert.equal(await adoptAs(SECOND), null);
    await blobs.write('runs', runKeys.candidate(FIRST, MODEL_FILES.weights), 'something else');
    assert.equal(await adoptAs(SECOND), null);
    await trainAs('20261126T015500Z-1a2b3c4');
    assert.equal(await adoptAs(SECOND), '20261126T015500Z-1a2b3c4', 'what was trained instead is remembered');
  });

  it('are not taken when their result is gone', async () => {
    await trainAs(FIRST);
    await blobs.remove('runs', runKeys.result(FIRST));
    assert.equal(await adoptAs(SECOND), null);
  });

  it('are not taken when another network lies there, be it whole', async () => {
    await trainAs(FIRST);
    await saveTraining(blobs, FIRST, { hyperparameters: { ...recipe, seed: 2 } });
    assert.equal(await adoptAs(SECOND), null);
  });

  it('are given out by one candidate to a run, and by a run to a candidate', async () => {
    await trainAs(`${FIRST}.c1`);
    assert.equal(await adoptAs(SECOND), `${FIRST}.c1`);
    assert.equal(await adoptAs(`${SECOND}.c1`), `${FIRST}.c1`);
    const [entry] = await Array.fromAsync(blobs.list('runs', 'cache/train/'));
    const { runName } = JSON.parse(Buffer.from((await blobs.read('runs', entry!.name)).bytes).toString()) as { runName: string };
    assert.equal(runName, FIRST);
  });
});
