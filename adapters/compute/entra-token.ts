import type { AccessToken, TokenCredential } from '@azure/identity';
import { CredentialUnavailableError, DefaultAzureCredential } from '@azure/identity';
import { Failure } from '../../domain/failure.ts';

/** A token is used until this long before it expires. */
const RESERVE_MS = 5 * 60_000;

/**
 * Tokens of this process's identity, kept until shortly before they expire: some credentials start a program for each.
 *
 * The function throws Failure `access-denied` when there is no identity here, and `dependency-unavailable` when it can't be asked now.
 */
export function createEntraToken(credential: TokenCredential = new DefaultAzureCredential()): (scope: string, signal: AbortSignal) => Promise<string> {
  const tokens = new Map<string, AccessToken>();
  return async (scope, abortSignal) => {
    const kept = tokens.get(scope);
    if (kept !== undefined && kept.expiresOnTimestamp - RESERVE_MS > Date.now()) return kept.token;
    const token = await credential.getToken(scope, { abortSignal }).catch((error: unknown) => {
      throw toFailure(error);
    });
    if (token === null) throw toFailure(new CredentialUnavailableError());
    tokens.set(scope, token);
    return token.token;
  };
}

function toFailure(error: unknown): Failure {
  if (error instanceof CredentialUnavailableError) {
    const advice = 'Sign in with `az login`, or give the process a managed or workload identity, or AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET.';
    return new Failure('access-denied', `There is no Azure identity here. ${advice}`, { cause: error });
  }
  return new Failure('dependency-unavailable', 'Azure gave this process no token for its identity.', { cause: error });
}
