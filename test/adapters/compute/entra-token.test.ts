import assert from 'node:assert/strict';
import type { AccessToken } from '@azure/identity';
import { AuthenticationError, CredentialUnavailableError } from '@azure/identity';
import { createEntraToken } from '../../../adapters/compute/entra-token.ts';
import { isFailure } from '../../../domain/failure.ts';

const { signal } = new AbortController();
const MINUTE_MS = 60_000;

describe('a token of the identity', () => {
  /** An identity whose tokens live so long, or that fails. */
  function setUp(lifetimeMs: number, failure?: Error) {
    const asked: (string | string[])[] = [];
    const getToken = createEntraToken({
      async getToken(scopes): Promise<AccessToken> {
        asked.push(scopes);
        if (failure !== undefined) throw failure;
        return { token: `token ${asked.length}`, expiresOnTimestamp: Date.now() + lifetimeMs };
      },
    });
    return { asked, getToken };
  }

  it('is kept for each scope while it lives', async () => {
    const { asked, getToken } = setUp(60 * MINUTE_MS);
    assert.equal(await getToken('a', signal), 'token 1');
    assert.equal(await getToken('a', signal), 'token 1');
    assert.equal(await getToken('b', signal), 'token 2');
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('is a new one shortly before it expires', async () => {
    const { getToken } = setUp(4 * MINUTE_MS);
    assert.equal(await getToken('a', signal), 'token 1');
    assert.equal(await getToken('a', signal), 'token 2');
  });

  it('is refused where there is no identity, and not to be had now where signing in goes wrong', async () => {
    await assert.rejects(setUp(0, new CredentialUnavailableError('none')).getToken('a', signal), (error) => isFailure(error, 'access-denied') && error.message.includes('az login'));
    await assert.rejects(setUp(0, new AuthenticationError(500, 'busy')).getToken('a', signal), (error) => isFailure(error, 'dependency-unavailable'));
  });
});
