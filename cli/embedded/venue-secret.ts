import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { toAzuriteConnectionString } from '../../config/storage.ts';
import { toSecretText, toWebhookSecrets } from '../../config/webhook-secret.ts';

const SECRET_BYTES = 32;

/** Where the stack on this machine keeps what its venues' webhooks are signed with. */
export function toVenueSecretFile(stateDir: string): string {
  return join(resolve(stateDir), 'venue-webhook-secret');
}

/**
 * The secret of the stack's workers, `whsec_…`, as BAROMETER_VENUE_WEBHOOK_SECRET takes it: the one that is kept, or a new one, which is
 * kept from now on, for this user's eyes alone.
 */
export function keepVenueSecret(stateDir: string): string {
  const file = toVenueSecretFile(stateDir);
  const kept = read(file);
  if (kept !== null) return kept;
  const secret = toSecretText(randomBytes(SECRET_BYTES));
  mkdirSync(resolve(stateDir), { recursive: true });
  writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  return secret;
}

/**
 * By what the webhooks of venues are signed: as the settings say, or else by what the stack on this machine keeps. Never by that where the settings
 * lead to another's storage account: its workers have a secret of their own.
 *
 * @returns the one in force first; none where there is none
 * @throws Failure `configuration-invalid` for a kept one that somebody has changed
 */
export function findVenueSecrets({ venueWebhooks, storage, embedded }: Pick<Config, 'venueWebhooks' | 'storage' | 'embedded'>): readonly Uint8Array[] {
  if (venueWebhooks.secrets.length > 0) return venueWebhooks.secrets;
  const isHere = 'connectionString' in storage && storage.connectionString === toAzuriteConnectionString(embedded.azuritePort);
  const file = toVenueSecretFile(embedded.stateDir);
  const kept = isHere ? read(file) : null;
  return kept === null ? [] : toWebhookSecrets(file, kept);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
