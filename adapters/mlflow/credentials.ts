import type { MlflowConfig } from '../../config/mlflow.ts';
import type { TrackingAddress } from './tracking-address.ts';

/** Gives the value of an `Authorization` header; null when the server asks nobody who they are. */
export type Credential = (signal: AbortSignal) => Promise<string | null>;

/** A token of this process's identity that is good for `scope`. @throws Failure `access-denied`, `dependency-unavailable` */
export type GetEntraToken = (scope: string, signal: AbortSignal) => Promise<string>;

/** What a token has to be good for so that an Azure ML workspace takes it; Microsoft's own plug-in asks for the same. */
const AZURE_ML_SCOPE = 'https://management.azure.com/.default';

/**
 * What to show a server, in the order in which it is tried: another one is only tried when the server says that it does not know
 * the one before (401).
 */
export function toCredentials(
  { token, basic }: Pick<MlflowConfig, 'token' | 'basic'>,
  address: TrackingAddress,
  getEntraToken: GetEntraToken,
): readonly [Credential, ...Credential[]] {
  if (address.isAzureMl) {
    const ofIdentity = async (signal: AbortSignal) => `Bearer ${await getEntraToken(AZURE_ML_SCOPE, signal)}`;
    // The service gives its jobs a token, which may expire before a long training ends.
    return token === null ? [ofIdentity] : [async () => `Bearer ${token}`, ofIdentity];
  }
  if (token !== null) return [async () => `Bearer ${token}`];
  const user = basic ?? address.basic;
  return [async () => (user === null ? null : `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`)];
}
