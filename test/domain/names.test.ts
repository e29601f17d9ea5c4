import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CONTAINER_IMAGES } from '../../domain/container-image.ts';
import {
  cacheKeys,
  modelKeys,
  moodKeys,
  parseWorkerRoles,
  processedKeys,
  runKeys,
  toPipelineWorkflowId,
  toRawKey,
  toRunName,
  toSplitVersion,
  toTaskQueue,
  toTrainingQueue,
  WORKER_ROLES,
} from '../../domain/names.ts';

const SHA = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';
const dates = fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true });

describe('a run name', () => {
  it('is the start in UTC and the short git-sha', () => {
    assert.equal(toRunName(new Date('2026-11-24T01:55:00.123Z'), SHA), '20261124T015500Z-1a2b3c4');
  });

  it('sorts by time', () => {
    fc.assert(fc.property(dates, dates, (a, b) => {
      fc.pre(Math.floor(a.getTime() / 1000) < Math.floor(b.getTime() / 1000));
      assert.ok(toRunName(a, SHA) < toRunName(b, SHA));
    }));
  });

  it('differs for runs of different commits that start together', () => {
    const now = new Date();
    assert.notEqual(toRunName(now, SHA), toRunName(now, SHA.replace('1a', 'ff')));
  });
});

describe('names that outside systems see', () => {
  it('file what is seen in steps in the order of time, and are read again', () => {
    const step = Date.parse('2026-11-28T21:30:10Z');
    assert.equal(moodKeys.seen(step, 'a-1'), 'steps/20261128T213010Z/a-1.json');
    assert.ok(moodKeys.seen(step, 'z').startsWith(moodKeys.stepPrefix(step)));
    assert.ok(moodKeys.seen(step, 'z') < moodKeys.seen(step + 10_000, 'a'));
    assert.deepEqual(moodKeys.parse(moodKeys.seen(step, 'a-1')), { step, processId: 'a-1' });
    assert.equal(moodKeys.parse('steps/notes.txt'), null);
  });

  it('give one commit one workflow', () => {
    assert.equal(toPipelineWorkflowId(SHA), `pipeline-${SHA}`);
  });

  it('give every role a task queue of its own', () => {
    assert.equal(new Set(WORKER_ROLES.map(toTaskQueue)).size, WORKER_ROLES.length);
    assert.equal(toTaskQueue('train'), 'barometer-train');
  });

  it('tell roles from what is none, each once', () => {
    assert.deepEqual(parseWorkerRoles('data, train,data'), { roles: ['data', 'train'], unknown: [] });
    assert.deepEqual(parseWorkerRoles('data,cook,'), { roles: ['data'], unknown: ['cook', ''] });
  });

  it('keep trainings on this machine apart from those that are only watched', () => {
    assert.equal(toTrainingQueue('local'), toTaskQueue('train'));
    assert.equal(toTrainingQueue('azure-ml'), 'barometer-train-azure-ml');
  });

  it('file raw images under their label', () => {
    assert.equal(toRawKey('happy', 'a/b.jpg'), 'happy/a/b.jpg');
  });

  it('tell splits of one data set apart by their ratio', () => {
    assert.equal(toSplitVersion('20261124T015500Z-1a2b3c4', 0.2), '20261124T015500Z-1a2b3c4.test-0.2');
  });

  it('keep everything of a run in its own folder, each thing under a key of its own', () => {
    const { candidate, tensorboard, reportPicture, resizeBatch, resizeOutcome, buildLog, ...plain } = runKeys;
    const keys = [
      ...Object.values(plain).map((toKey) => toKey('run')),
      candidate('run', 'model.onnx'),
      tensorboard('run', 'events'),
      reportPicture('run', 'confusion.png'),
      ...CONTAINER_IMAGES.map((image) => buildLog('run', image)),
      ...[0, 1, 10].flatMap((batch) => [resizeBatch('run', batch), resizeOutcome('run', batch)]),
    ];
    assert.equal(new Set(keys).size, keys.length);
    for (const key of keys) assert.ok(key.startsWith('run/'), key);
  });

  it('list batches in the order of their numbers', () => {
    const keys = [2, 10, 100, 9_999].map((batch) => runKeys.resizeBatch('run', batch));
    assert.deepEqual(keys.toSorted(), keys);
  });

  it('keep listable things under the prefix that lists them', () => {
    assert.ok(processedKeys.dataset('v').startsWith(processedKeys.datasetPrefix));
    assert.ok(processedKeys.split('v').startsWith(processedKeys.splitPrefix));
    for (const key of [modelKeys.file('m', 3, 'f'), modelKeys.claim('m', 3), modelKeys.manifest('m', 3)]) {
      assert.ok(key.startsWith(modelKeys.versionPrefix('m')), key);
    }
    assert.ok(processedKeys.shard('d').startsWith(processedKeys.shardPrefix));
    assert.ok(cacheKeys.step('train', 'd').startsWith(cacheKeys.prefix));
    assert.equal(modelKeys.alias('m', 'latest').startsWith(modelKeys.versionPrefix('m')), false);
  });
});
