import assert from 'node:assert/strict';
import { isInterruption, toErrorText } from '../../../cli/output/error-text.ts';
import { Failure } from '../../../domain/failure.ts';

describe('the text of an error', () => {
  it('is the words of an expected failure alone', () => {
    const failure = new Failure('dependency-unavailable', 'There is no server.', { cause: new Error('ECONNREFUSED') });
    assert.equal(toErrorText(failure), '✘ There is no server.');
  });

  it('is everything about an unexpected one, whose fault it is included', () => {
    const text = toErrorText(new TypeError('undefined is not a function'));
    assert.match(text, /defect of Barometer:\nTypeError: undefined is not a function\n {4}at /);
    assert.match(toErrorText('just words'), /just words$/);
  });

  it('does not call it a defect when somebody pressed ctrl-C', () => {
    const reason: unknown = AbortSignal.abort().reason;
    assert.equal(toErrorText(reason), '✘ Interrupted.');
    assert.equal(isInterruption(reason), true);
    assert.equal(isInterruption(new Error('AbortError')), false);
  });
});
