import assert from 'node:assert/strict';
import { ActivityFailure, ApplicationFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { toRootMessage } from '../../workflows/root-message.ts';

describe('the root message of a failure', () => {
  it('is what the activity failed with', () => {
    const cause = ApplicationFailure.create({ type: 'too-few-samples', message: 'No fearful faces.' });
    assert.equal(toRootMessage(toActivityFailure(cause)), 'No fearful faces.');
  });

  it('is not what lies beneath the words written for people', () => {
    const cause = ApplicationFailure.create({ message: 'The storage account does not answer.', cause: new Error('ECONNREFUSED') });
    assert.equal(toRootMessage(toActivityFailure(cause)), 'The storage account does not answer.');
  });

  it('asks for a worker when none finished in time', () => {
    const timeout = new TimeoutFailure('activity timed out', undefined, TimeoutType.HEARTBEAT);
    assert.equal(toRootMessage(toActivityFailure(timeout)), 'No worker finished trainModel in time (HEARTBEAT); is a worker of its role running?');
  });

  it('is what the last try failed with when the time was up', () => {
    const timeout = new TimeoutFailure('activity timed out', undefined, TimeoutType.SCHEDULE_TO_CLOSE);
    const last = ApplicationFailure.create({ message: 'The storage account does not answer.' });
    assert.equal(toRootMessage(toActivityFailure(Object.assign(timeout, { cause: last }))), 'The storage account does not answer.');
  });

  it('is the message of any other error, of its cause where it has one', () => {
    assert.equal(toRootMessage(new Error('outer')), 'outer');
    assert.equal(toRootMessage(new Error('outer', { cause: new Error('inner') })), 'inner');
    assert.equal(toRootMessage('just words'), 'just words');
  });
});

function toActivityFailure(cause: Error): ActivityFailure {
  return new ActivityFailure('activity failed', 'trainModel', '1', RetryState.TIMEOUT, 'worker', cause);
}
