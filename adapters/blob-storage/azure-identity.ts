import type { TokenCredential } from '@azure/identity';

/**
 * Who this process is in Azure: by its environment, its workload or managed identity, or whoever is logged in. The library that finds that out is a
 * large one, and is loaded when a token is first asked for.
 */
export function createAzureIdentity(): TokenCredential {
  let identity: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      identity ??= import('@azure/identity').then(({ DefaultAzureCredential }) => new DefaultAzureCredential());
      return (await identity).getToken(scopes, options);
    },
  };
}
