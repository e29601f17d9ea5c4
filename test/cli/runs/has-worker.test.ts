import assert from 'node:assert/strict';
import { hasWorker } from '../../../cli/runs/has-worker.ts';
import { toTaskQueue } from '../../../domain/names.ts';
import { createFakeActivities } from '../../support/fake-activities.ts';
import { withWorkers } from '../../support/pipeline-workers.ts';
import { useTemporal } from '../../support/temporal.ts';
import { until } from '../../support/until.ts';

describe('whether a worker is there', () => {
  const temporal = useTemporal();

  it('is seen by what it asks the server for', async () => {
    const { client } = temporal.env;
    const queue = toTaskQueue('pipeline');
    assert.equal(await hasWorker(client, queue), false);
    await withWorkers(temporal.env, createFakeActivities(), () => until(() => hasWorker(client, queue)));
    assert.equal(await hasWorker(client, 'a-queue-of-nobody'), false);
  });
});
