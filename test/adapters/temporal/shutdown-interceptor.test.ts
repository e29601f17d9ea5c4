import assert from 'node:assert/strict';
import { ActivityCancellationDetails, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { createShutdownInterceptor } from '../../../adapters/temporal/shutdown-interceptor.ts';
import { Failure } from '../../../domain/failure.ts';

describe('what a worker that ends says of its activities', () => {
  /** What comes out of an activity that ends like this, after it was told so. */
  function execute(told: Partial<Record<'workerShutdown' | 'cancelRequested', boolean>> | null, activity: () => Promise<unknown>): Promise<unknown> {
    const controller = new AbortController();
    if (told !== null) controller.abort();
    const cancellationDetails = told === null ? undefined : new ActivityCancellationDetails(told);
    return createShutdownInterceptor({ cancellationSignal: controller.signal, cancellationDetails }).execute!({ args: [], headers: {} }, activity);
  }

  async function failureOf(...[told, error]: [Parameters<typeof execute>[0], Error]): Promise<unknown> {
    return execute(told, () => Promise.reject(error)).then(() => assert.fail('it did not fail'), (reason: unknown) => reason);
  }

  for (const error of [new CancelledFailure('WORKER_SHUTDOWN'), new Failure('image-build-failed', 'The engine ended.'), new DOMException('This was aborted', 'AbortError')]) {
    it(`lets the server try again at once, when it ends with ${error.name}`, async () => {
      const failure = await failureOf({ workerShutdown: true }, error);
      assert.ok(failure instanceof ApplicationFailure);
      assert.equal(failure.type, 'worker-shutdown');
      assert.equal(failure.nonRetryable, false);
      assert.ok(Number(failure.nextRetryDelay) <= 1);
      assert.doesNotMatch(JSON.stringify(failure), /engine/);
    });
  }

  it('is nothing when they could be finished in time', async () => {
    assert.equal(await execute({ workerShutdown: true }, async () => 7), 7);
  });

  it('leaves those alone that a run has cancelled, also while it ends', async () => {
    const error = new CancelledFailure('CANCELLED');
    assert.equal(await failureOf({ cancelRequested: true }, error), error);
    assert.equal(await failureOf({ cancelRequested: true, workerShutdown: true }, error), error);
  });

  it('leaves failures alone while nobody asks it to end', async () => {
    const error = new Failure('too-few-samples', 'No fearful faces.');
    assert.equal(await failureOf(null, error), error);
  });
});
