import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../../config/config.ts';
import type { ApiKeyRecord } from '../../domain/api-key.ts';
import { readApiKeyId, toApiKeyStatus } from '../../domain/api-key.ts';
import { Failure } from '../../domain/failure.ts';
import { venueIdSchema } from '../../domain/venue.ts';
import { openStores } from '../open-stores.ts';
import { toJson, toMinute } from '../output/format.ts';
import { toTable } from '../output/table.ts';
import { wholeNumber } from '../whole-number.ts';

interface CreateOptions {
  readonly venue?: string;
  readonly name: string;
  readonly expires?: number;
  readonly json?: true;
}

interface Output {
  readonly json?: true;
}

const DAY_MS = 24 * 60 * 60_000;
const LONGEST_DAYS = 36_500;

export function createKeysCommand(): Command {
  const list = new Command('list')
    .summary('all keys (also what `barometer keys` alone prints)')
    .description('Lists all keys that were ever made, by venue: which are in force, and when each was last used, to the hour. The keys themselves are nowhere kept.')
    .option('--json', 'print JSON')
    .action(listKeys);
  return new Command('keys')
    .summary('who may call the API: make, list, revoke keys')
    .description('Makes, lists and revokes the keys by which callers of the API are known. The API follows within seconds. With the first key, only those who have one may ask for predictions.')
    .addCommand(list, { isDefault: true })
    .addCommand(
      new Command('create')
        .summary('make a key for a venue and print it, once')
        .description('Makes a key for a venue and prints it. It is shown this once and nowhere kept: whoever loses it is given another. A venue may have several, so that one can take over from another.')
        .option('--venue <name>', 'whose it is (required)', toVenue)
        .option('--name <text>', 'what it is for, for example "camera server"', toName, '')
        .option('--expires <days>', 'end by itself after so many days (default: when it is revoked)', wholeNumber(1, LONGEST_DAYS))
        .option('--json', 'print JSON')
        .action(createKey),
    )
    .addCommand(
      new Command('revoke')
        .summary('end a key for good')
        .description('Ends a key for good; the API turns it away within seconds.')
        .argument('<id>', 'its id, as `barometer keys list` shows it')
        .option('--json', 'print JSON')
        .action(revokeKey),
    );
}

function toVenue(text: string): string {
  const venue = venueIdSchema.safeParse(text);
  if (!venue.success) throw new InvalidArgumentError(`${venue.error.issues[0]!.message}.`);
  return venue.data;
}

function toName(text: string): string {
  if (text.length > 100) throw new InvalidArgumentError('At most 100 characters.');
  return text;
}

async function createKey({ venue, name, expires, json }: CreateOptions): Promise<void> {
  if (venue === undefined) throw new Failure('input-invalid', 'Say whose key it is: barometer keys create --venue NAME');
  const { apiKeys } = openStores(loadConfig());
  const expiresAt = expires === undefined ? null : new Date(Date.now() + expires * DAY_MS);
  const { key, record } = await apiKeys.create({ venue, name, expiresAt });
  if (json) {
    console.log(toJson({ key, ...toShown(record) }));
    return;
  }
  // Alone on its line and on this output, so that it can be piped to where it belongs.
  console.log(key);
  const until = expiresAt === null ? `until \`barometer keys revoke ${record.id}\`` : `until ${toMinute(expiresAt.toISOString())} UTC`;
  console.error(`\nThe key ${record.id} of ${venue} is in force ${until}. It is not shown again.\nSend it as "Authorization: Bearer bm_…", or set BAROMETER_API_KEY for \`barometer predict\`.`);
}

async function listKeys({ json }: Output): Promise<void> {
  const { apiKeys } = openStores(loadConfig());
  const [found, uses] = await Promise.all([apiKeys.find(), apiKeys.listUses()]);
  const keys = (found?.keys ?? []).map((record) => ({ ...toShown(record), lastUsedAt: uses.get(record.id)?.toISOString() ?? null }));
  if (json) {
    console.log(toJson(keys));
    return;
  }
  if (keys.length === 0) {
    console.log('There are no keys. Make one with `barometer keys create --venue NAME`.');
    return;
  }
  const rows = keys
    .toSorted((a, b) => a.venue.localeCompare(b.venue) || a.createdAt.localeCompare(b.createdAt))
    .map(({ id, venue, name, status, createdAt, expiresAt, lastUsedAt }) => [id, venue, name, status, toMinute(createdAt), expiresAt === null ? '' : toMinute(expiresAt), lastUsedAt === null ? 'never' : toMinute(lastUsedAt)]);
  console.log(toTable(['id', 'venue', 'name', 'status', 'made (UTC)', 'ends (UTC)', 'last used (UTC)'], rows));
}

async function revokeKey(given: string, { json }: Output): Promise<void> {
  const { apiKeys } = openStores(loadConfig());
  // People paste what they have; of a whole key the id is a part.
  const record = await apiKeys.revoke(readApiKeyId(given) ?? given);
  if (json) console.log(toJson(toShown(record)));
  else console.log(`The key ${record.id} of ${record.venue} is revoked. APIs that run turn it away within seconds.`);
}

/** All but the digest, which is of no use to people. */
function toShown(record: ApiKeyRecord) {
  const { digest: _digest, ...shown } = record;
  return { ...shown, status: toApiKeyStatus(record, new Date()) };
}
