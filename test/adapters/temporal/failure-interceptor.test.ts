import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { createFailureInterceptor } from '../../../adapters/temporal/failure-interceptor.ts';
import { Failure, FAILURE_KIND_NAMES, FAILURE_KINDS } from '../../../domain/failure.ts';

describe('the failure interceptor', () => {
  const logged: Record<string, unknown>[] = [];

  /** What comes out of an activity that does this. */
  function execute(activity: () => Promise<unknown>): Promise<unknown> {
    return createFailureInterceptor({ warn: (_message, details) => logged.push(details) }).execute!({ args: [], headers: {} }, activity);
  }

  async function failureOf(error: Error): Promise<unknown> {
    return execute(() => Promise.reject(error)).then(() => assert.fail('it did not fail'), (reason: unknown) => reason);
  }

  it('lets results through', async () => {
    assert.equal(await execute(async () => 7), 7);
  });

  it('makes the kind the type of the failure, and keeps the words', async () => {
    const failure = await failureOf(new Failure('too-few-samples', 'No fearful faces.'));
    assert.ok(failure instanceof ApplicationFailure);
    assert.equal(failure.type, 'too-few-samples');
    assert.equal(failure.message, 'No fearful faces.');
  });

  for (const kind of FAILURE_KIND_NAMES) {
    const { retryable } = FAILURE_KINDS[kind];
    it(`lets the server ${retryable ? 'try again after' : 'give up at'} ${kind}`, async () => {
      assert.equal(((await failureOf(new Failure(kind, ''))) as ApplicationFailure).nonRetryable, !retryable);
    });
  }

  it('keeps what a vendor said out of the history, and notes it in the log', async () => {
    const cause = new Error('AccountKey=secret');
    const failure = await failureOf(new Failure('dependency-unavailable', 'Away.', { cause }));
    assert.deepEqual(logged.at(-1), { kind: 'dependency-unavailable', cause });
    assert.equal((failure as Error).cause, undefined);
    assert.doesNotMatch(JSON.stringify(failure), /secret/);
  });

  it('lets other errors through unchanged', async () => {
    const error = new TypeError('undefined is not a function');
    assert.equal(await failureOf(error), error);
  });
});
