import assert from 'node:assert/strict';
import { isQuotaError, ROLES, toFailure } from '../../../../adapters/compute/azure-ml/azure-ml-failure.ts';
import type { FailureKind } from '../../../../domain/failure.ts';
import { Failure, isFailure } from '../../../../domain/failure.ts';

const request = { what: 'the job a-job', role: ROLES.work };

/** As the SDK throws them: the status, and the code that ARM's body has. */
const toError = (statusCode: number, code: string) => Object.assign(new Error('vendor words'), { name: 'RestError', statusCode, code });

describe('an error of Azure ML', () => {
  const KINDS: readonly (readonly [Error, FailureKind])[] = [
    [toError(401, 'AuthenticationFailed'), 'access-denied'],
    [toError(403, 'AuthorizationFailed'), 'access-denied'],
    [Object.assign(new Error('no identity'), { name: 'CredentialUnavailableError' }), 'access-denied'],
    [toError(404, 'UserError'), 'not-found'],
    [toError(409, 'Conflict'), 'write-conflict'],
    [toError(412, 'PreconditionFailed'), 'write-conflict'],
    [toError(400, 'UserError'), 'configuration-invalid'],
    [toError(400, 'JobNodeCountExceedsCoreQuota'), 'capacity-missing'],
    [toError(429, 'TooManyRequests'), 'dependency-unavailable'],
    [toError(503, 'ServiceUnavailable'), 'dependency-unavailable'],
    [Object.assign(new Error('socket hang up'), { name: 'RestError', code: 'ECONNRESET' }), 'dependency-unavailable'],
    [Object.assign(new Error('aborted'), { name: 'AbortError' }), 'dependency-unavailable'],
  ];

  for (const [error, kind] of KINDS) {
    it(`is ${kind} when it is ${error.name} ${'statusCode' in error ? String(error.statusCode) : ''} ${'code' in error ? String(error.code) : ''}`, () => {
      const failure = toFailure(error, request);
      assert.ok(isFailure(failure, kind), String(failure));
      assert.match(failure.message, /the job a-job/);
      assert.doesNotMatch(failure.message, /vendor words/);
      assert.equal(failure.cause, error);
    });
  }

  it('names the missing role', () => {
    const message = (role: (typeof ROLES)[keyof typeof ROLES]) => (toFailure(toError(403, 'AuthorizationFailed'), { ...request, role }) as Failure).message;
    assert.match(message(ROLES.work), /"AzureML Data Scientist"/);
    assert.match(message(ROLES.cluster), /"AzureML Compute Operator"/);
  });

  it('is about a quota when an inner code says so', () => {
    assert.ok(isQuotaError([{ error: { code: 'ClusterCoreQuotaReached' } }]));
    assert.ok(isQuotaError({ code: 'BadRequest', details: { error: { code: 'BadRequest', details: [{ code: 'QuotaExceeded' }] } } }));
    assert.equal(isQuotaError([{ error: { code: 'SkuNotAvailable' } }]), false);
    assert.equal(isQuotaError(undefined), false);
  });

  it('stays what it is when it is a mistake of ours, or a failure already', () => {
    const mistake = new TypeError('undefined is not a function');
    assert.equal(toFailure(mistake, request), mistake);
    const failure = new Failure('not-found', 'None.');
    assert.equal(toFailure(failure, request), failure);
  });
});
