import assert from 'node:assert/strict';
import { CancelledFailure } from '@temporalio/common';
import type { MetricMeter, MetricTags } from '@temporalio/common';
import { Failure } from '../../domain/failure.ts';
import { countWork } from '../../workers/work-metrics.ts';

interface Recorded {
  readonly name: string;
  readonly value: number;
  readonly tags: MetricTags;
}

describe('what activities have done', () => {
  const recorded: Recorded[] = [];

  beforeEach('forget', () => {
    recorded.length = 0;
  });

  function createMetric(name: string) {
    const record = (value: number, tags: MetricTags = {}) => void recorded.push({ name, value, tags });
    return { add: record, record };
  }

  /** As far as it is used; names get their unit as Prometheus sees it. */
  const metricMeter = {
    createCounter: (name: string) => createMetric(`${name}_total`),
    createHistogram: (name: string, _type: string, unit: string) => createMetric(`${name}_${unit}`),
  } as unknown as MetricMeter;

  async function execute(activityType: string, work: () => Promise<unknown>): Promise<unknown> {
    const context = { info: { activityType }, metricMeter } as unknown as Parameters<typeof countWork>[0];
    return countWork(context).inbound!.execute!({ args: [], headers: {} }, work);
  }

  it('is counted for a batch of images', async () => {
    assert.deepEqual(await execute('resizeBatch', async () => ({ shard: 'x', samples: 7, refused: 2 })), { shard: 'x', samples: 7, refused: 2 });
    assert.deepEqual(recorded, [
      { name: 'barometer_images_resized_total', value: 7, tags: {} },
      { name: 'barometer_images_refused_total', value: 2, tags: {} },
    ]);
  });

  it('is timed for a rollout, whether it succeeded or not', async () => {
    await execute('rollOut', async () => ({}));
    await assert.rejects(execute('rollOut', () => Promise.reject(new Failure('rollout-failed', 'No.'))));
    const rollouts = recorded.filter(({ name }) => name === 'barometer_rollout_duration_seconds');
    assert.deepEqual(rollouts.map(({ tags }) => tags), [{ outcome: 'succeeded' }, { outcome: 'failed' }]);
    assert.ok(rollouts.every(({ value }) => value >= 0 && value < 10));
  });

  it('is counted by the kind of a failure, and goes on to whoever translates it', async () => {
    const failure = new Failure('dependency-unavailable', 'Away.');
    await assert.rejects(execute('takeInventory', () => Promise.reject(failure)), failure);
    await assert.rejects(execute('takeInventory', () => Promise.reject(new TypeError('x'))), TypeError);
    assert.deepEqual(recorded.map(({ name, tags }) => [name, tags]), [
      ['barometer_activity_failures_total', { kind: 'dependency-unavailable' }],
      ['barometer_activity_failures_total', { kind: 'unexpected' }],
    ]);
  });

  it('is no failure when it was cancelled', async () => {
    await assert.rejects(execute('trainModel', () => Promise.reject(new CancelledFailure('enough'))), CancelledFailure);
    assert.deepEqual(recorded, []);
  });
});
