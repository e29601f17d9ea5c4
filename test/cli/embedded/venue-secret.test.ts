import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findVenueSecrets, keepVenueSecret, toVenueSecretFile } from '../../../cli/embedded/venue-secret.ts';
import { loadConfig } from '../../../config/config.ts';
import { toSecretText } from '../../../config/webhook-secret.ts';
import { isFailure } from '../../../domain/failure.ts';

describe('the secret of venues on this machine', () => {
  let parent: string;
  let stateDir: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'barometer-secret-'));
    stateDir = join(parent, 'state');
  });

  afterEach(() => rm(parent, { recursive: true }));

  const find = (environment: Readonly<Record<string, string>> = {}) => findVenueSecrets(loadConfig({ BAROMETER_STATE_DIR: stateDir, ...environment })).map(toSecretText);

  it('is made once, and kept from everybody else\'s eyes', async () => {
    const secret = keepVenueSecret(stateDir);
    assert.match(secret, /^whsec_.{44}$/);
    assert.equal(keepVenueSecret(stateDir), secret);
    assert.equal((await stat(toVenueSecretFile(stateDir))).mode & 0o777, 0o600);
    assert.notEqual(keepVenueSecret(join(parent, 'another')), secret);
  });

  it('is found by who asks the stack on this machine, unless the settings name one', () => {
    assert.deepEqual(find(), []);
    const kept = keepVenueSecret(stateDir);
    assert.deepEqual(find(), [kept]);
    const given = toSecretText(Buffer.alloc(32, 1));
    assert.deepEqual(find({ BAROMETER_VENUE_WEBHOOK_SECRET: given }), [given]);
  });

  it('is not taken for that of another\'s storage account', () => {
    keepVenueSecret(stateDir);
    assert.deepEqual(find({ BAROMETER_STORAGE_ACCOUNT_URL: 'https://acmemoods.blob.core.windows.net' }), []);
  });

  it('is refused by the name of its file where somebody has changed it', async () => {
    keepVenueSecret(stateDir);
    await writeFile(toVenueSecretFile(stateDir), 'a word');
    assert.throws(() => find(), (error) => isFailure(error, 'configuration-invalid') && error.message.startsWith(toVenueSecretFile(stateDir)) && !error.message.includes('a word'));
  });
});
