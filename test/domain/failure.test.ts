import assert from 'node:assert/strict';
import { Failure, FAILURE_KIND_NAMES, FAILURE_KINDS, isFailure } from '../../domain/failure.ts';

describe('a failure', () => {
  it('says by its kind whether trying again can help', () => {
    assert.equal(new Failure('dependency-unavailable', 'Away.').retryable, true);
    assert.equal(new Failure('input-invalid', 'Nonsense.').retryable, false);
  });

  it('keeps its words and its cause', () => {
    const cause = new Error('ECONNREFUSED');
    const failure = new Failure('dependency-unavailable', 'Away.', { cause });
    assert.equal(failure.message, 'Away.');
    assert.equal(failure.cause, cause);
  });

  it('is told from other errors, and from other kinds', () => {
    const failure: unknown = new Failure('not-found', 'None.');
    assert.ok(isFailure(failure));
    assert.ok(isFailure(failure, 'not-found'));
    assert.equal(isFailure(failure, 'data-corrupt'), false);
    assert.equal(isFailure(new Error('not-found')), false);
    assert.equal(isFailure('not-found'), false);
  });

  it('has for every kind an HTTP status that says whose fault it is', () => {
    for (const kind of FAILURE_KIND_NAMES) {
      const { httpStatus } = FAILURE_KINDS[kind];
      assert.ok(httpStatus >= 400 && httpStatus < 600, kind);
    }
    for (const kind of ['input-invalid', 'image-too-large', 'image-unsupported', 'image-unreadable'] as const) {
      assert.ok(FAILURE_KINDS[kind].httpStatus < 500, `${kind} is the caller's`);
    }
  });
});
