import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiKeyStore } from '../../../adapters/blob-storage/api-key-store.ts';
import { createApiKeyStore } from '../../../adapters/blob-storage/api-key-store.ts';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import { useAzurite } from '../../support/azurite.ts';
import { startTestApi } from '../../support/api.ts';
import { runBarometer } from '../../support/barometer.ts';
import { toPhoto } from '../../support/images.ts';

interface Shown {
  readonly id: string;
  readonly key?: string;
  readonly venue: string;
  readonly status: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt?: string | null;
}

describe('barometer keys', () => {
  const azurite = useAzurite();
  let environment: Record<string, string>;
  let store: ApiKeyStore;

  beforeEach(() => {
    const account = azurite.newAccount();
    environment = { BAROMETER_STORAGE_CONNECTION_STRING: account.connectionString };
    store = createApiKeyStore(createAzureBlobStore(account));
  });

  async function outputOf(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await runBarometer(['keys', ...args], environment);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  it('makes keys, shows each once, lists them without their secrets, and revokes them', async () => {
    assert.match(await outputOf(), /no keys.*barometer keys create --venue NAME/);
    const key = (await outputOf('create', '--venue', 'the-sun', '--name', 'camera server')).trimEnd();
    assert.match(key, /^bm_[0-9a-f]{12}_[\w-]{43}$/);
    const second = JSON.parse(await outputOf('create', '--venue', 'the-moon', '--expires', '30', '--json')) as Shown;
    const days = (Date.parse(second.expiresAt!) - Date.now()) / 86_400_000;
    assert.ok(days > 29.9 && days < 30.1);
    const [, id] = key.split('_');
    await store.noteUse(id!, new Date('2026-11-25T12:00:00Z'));

    const table = await outputOf();
    assert.match(table, new RegExp(`${id} +the-sun +camera server +in force .* 2026-11-25 12:00`));
    assert.match(table, /the-moon .* never/);
    const all = await outputOf('list', '--json');
    assert.deepEqual((JSON.parse(all) as Shown[]).map(({ venue, status }) => [venue, status]), [['the-sun', 'in force'], ['the-moon', 'in force']]);
    for (const text of [table, all]) assert.ok(!text.includes(key) && !/digest|[0-9a-f]{64}/.test(text));

    // Whoever has only the key itself may paste it.
    assert.match(await outputOf('revoke', key), new RegExp(`${id} of the-sun is revoked`));
    assert.equal((JSON.parse(await outputOf('revoke', second.id, '--json')) as Shown).status, 'revoked');
    assert.deepEqual((JSON.parse(await outputOf('list', '--json')) as Shown[]).map(({ status }) => status), ['revoked', 'revoked']);
  });

  it('lets those predict who set one, and tells the others what to set', async () => {
    const key = `bm_0123456789ab_${'x'.repeat(43)}`;
    const api = await startTestApi({ answer: 'angry', access: { open: 'never', keys: { knowledge: () => 'some', findHolder: (given) => (given === key ? { id: '0123456789ab', venue: 'the-sun' } : null) } } });
    const directory = await mkdtemp(join(tmpdir(), 'barometer-keys-'));
    try {
      const photo = join(directory, 'photo.png');
      await toPhoto().png().toFile(photo);
      const predict = (given: string) => runBarometer(['predict', photo], { ...environment, BAROMETER_API_URL: api.url, BAROMETER_API_KEY: given });
      const right = await predict(key);
      assert.equal(right.exitCode, 0, right.stderr);
      assert.match(right.stdout, /angry/);
      for (const [given, complaint] of [['', /answers only those who have a key.*BAROMETER_API_KEY.*barometer keys create/], ['bm_wrong', /does not take the key in BAROMETER_API_KEY/]] as const) {
        const { exitCode, stderr } = await predict(given);
        assert.equal(exitCode, 1);
        assert.match(stderr, complaint);
        assert.doesNotMatch(stderr, /bm_wrong/);
      }
    } finally {
      await api.close();
      await rm(directory, { recursive: true });
    }
  });

  it('says what is wrong with what was asked', async () => {
    const cases = [
      [['create'], /--venue/],
      [['create', '--venue', 'The Sun'], /small letters/],
      [['create', '--venue', 'x', '--expires', '0'], /whole number from 1/],
      [['revoke', '000000000000'], /There is no key 000000000000/],
    ] as const;
    for (const [args, complaint] of cases) {
      const { exitCode, stdout, stderr } = await runBarometer(['keys', ...args], environment);
      assert.notEqual(exitCode, 0);
      assert.equal(stdout, '');
      assert.match(stderr, complaint);
    }
  });
});
