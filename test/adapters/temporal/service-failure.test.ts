import assert from 'node:assert/strict';
import { ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { toServiceFailure } from '../../../adapters/temporal/service-failure.ts';
import { isFailure } from '../../../domain/failure.ts';

const ACCESS = { address: 'temporal.example:7233', namespace: 'venues' };

/** As gRPC makes them: an error with the code and details of the server's answer. */
function refusal(code: number): Error {
  return Object.assign(new Error('vendor chatter'), { code, details: 'vendor chatter', metadata: {} });
}

describe('a request that the Temporal server does not grant', () => {
  for (const [what, error, kind, words] of [
    ['is to a namespace that it has not', new NamespaceNotFoundError('venues'), 'configuration-invalid', /no namespace "venues".*BAROMETER_TEMPORAL_NAMESPACE/],
    ['is not answered', new ServiceError('x', { cause: refusal(14) }), 'dependency-unavailable', /did not answer/],
    ['is not answered in time', refusal(4), 'dependency-unavailable', /did not answer/],
    ['is not allowed', new ServiceError('x', { cause: refusal(7) }), 'access-denied', /does not let us.*"venues"/],
    ['asks for search attributes that it has not', new ServiceError('x', { cause: refusal(3) }), 'configuration-invalid', /search attributes/],
  ] as const) {
    it(`${what}: a ${kind}, in plain words`, () => {
      const failure = toServiceFailure(error, ACCESS);
      assert.ok(isFailure(failure, kind), String(failure));
      assert.match(failure.message, words);
      assert.doesNotMatch(failure.message, /chatter/);
    });
  }

  it('stays what it is where nothing better can be said', () => {
    const error = new Error('a defect');
    assert.equal(toServiceFailure(error, ACCESS), error);
    const odd = new ServiceError('x', { cause: refusal(13) });
    assert.equal(toServiceFailure(odd, ACCESS), odd);
  });
});
