import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { after, before } from 'mocha';
import { onExit } from '../../setup/on-exit.js';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import type { AzureBlobStoreOptions } from '../../adapters/blob-storage/azure-blob-store.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';

/**
 * A storage emulator of its own for the tests of a file: started before them, ended after them. It listens on this
 * machine's loopback alone, or on every address for those who come from elsewhere.
 */
export function useAzurite({ host = '127.0.0.1' }: { readonly host?: '127.0.0.1' | '0.0.0.0' } = {}): Pick<Azurite, 'newAccount' | 'newStore'> {
  let azurite: Azurite | undefined;

  function running(): Azurite {
    if (azurite === undefined) throw new Error('Azurite is not started yet');
    return azurite;
  }

  before('start Azurite', async () => {
    azurite = await startAzurite(host);
  });

  after('end Azurite', () => azurite?.stop());

  return { newAccount: () => running().newAccount(), newStore: (options) => running().newStore(options) };
}

export interface Azurite {
  /** A storage account that nobody has used before. */
  newAccount(): { readonly connectionString: string };
  /** A store in a new account, its containers made. */
  newStore(options?: AzureBlobStoreOptions): Promise<BlobStore>;
  stop(): Promise<void>;
}

const ACCOUNTS = 200;
const KEY = Buffer.from('a key that guards nothing but test data').toString('base64');
const START_LIMIT_MS = 120_000;

/** Starts the blob service of Azurite on a free port, its content in memory only, and waits until it listens. */
export async function startAzurite(host = '127.0.0.1'): Promise<Azurite> {
  const main = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const options = ['--blobHost', host, '--blobPort', '0', '--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `account${index}:${KEY}`).join(';');
  const child = spawn(process.execPath, [main, ...options], {
    cwd: tmpdir(),
    env: { AZURITE_ACCOUNTS: accounts },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const forget = onExit(() => void child.kill());

  const url = await waitForUrl(createInterface({ input: child.stdout }), exited);
  let accountsUsed = 0;

  function newAccount(): { connectionString: string } {
    const name = `account${accountsUsed++}`;
    return { connectionString: `DefaultEndpointsProtocol=http;AccountName=${name};AccountKey=${KEY};BlobEndpoint=${url.replace('0.0.0.0', '127.0.0.1')}/${name}` };
  }

  return {
    newAccount,
    async newStore(storeOptions) {
      const store = createAzureBlobStore(newAccount(), storeOptions);
      await store.ensureContainers();
      return store;
    },
    async stop() {
      forget();
      child.kill();
      await exited;
    },
  };
}

async function waitForUrl(lines: AsyncIterable<string>, exited: Promise<unknown>): Promise<string> {
  const listening = (async () => {
    for await (const line of lines) {
      const url = /successfully listens on (http:\S+)/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
    return null;
  })();
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const url = await Promise.race([listening, exited.then(() => null), once(limit, 'abort').then(() => null)]);
  if (url === null) throw new Error('Azurite ended or said nothing instead of listening.');
  return url;
}
