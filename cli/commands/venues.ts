import { Command } from 'commander';
import type { StoredVenue, VenueStore } from '../../adapters/blob-storage/venue-store.ts';
import { toVenueSecret } from '../../adapters/webhook/venue-secret.ts';
import { loadConfig } from '../../config/config.ts';
import { NEW_SECRET, toSecretText } from '../../config/webhook-secret.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import { venueIdSchema } from '../../domain/venue.ts';
import { findVenueSecrets } from '../embedded/venue-secret.ts';
import { openStores } from '../open-stores.ts';
import { toJson } from '../output/format.ts';
import { toAlertTable, toVenueTable, toVenueText } from '../output/venue-text.ts';
import { readVenueFile } from '../read-venue-file.ts';
import { wholeNumber } from '../whole-number.ts';

interface Output {
  readonly json?: true;
}

export function createVenuesCommand(): Command {
  const list = new Command('list')
    .summary('all venues (also what `barometer venues` alone prints)')
    .description('Lists the venues of which something is said.')
    .option('--json', 'print JSON')
    .action(listVenues);
  return new Command('venues')
    .summary('venues: their cameras, staff areas, rules and alerts')
    .description('Shows and changes what is known of venues: their cameras with the areas of their staff, the rules of their mood and the webhook that these tell. The API follows within seconds.')
    .addCommand(list, { isDefault: true })
    .addCommand(
      new Command('show')
        .summary('what is said of a venue')
        .description('Shows what is said of a venue. As JSON it is what "barometer venues set" takes.')
        .argument('<venue>', 'its id, as `barometer venues list` shows it')
        .option('--json', 'print JSON')
        .action(showVenue),
    )
    .addCommand(
      new Command('set')
        .summary('say what a venue is, in place of what was said before')
        .description('Reads a venue\'s document and puts it in place of the one before, whole. Nothing changes when any field of it is wrong.')
        .argument('<file>', 'a JSON file; "-" reads what comes in')
        .option('--json', 'print the document as it is kept, with what was left out')
        .action(setVenue),
    )
    .addCommand(
      new Command('alerts')
        .summary('what a venue was alerted of')
        .description('Lists the alerts of a venue, newest first: which rule came true, and whether its webhook was told. An alert is on record when it was delivered, or given up.')
        .argument('<venue>', 'its id')
        .option('--limit <n>', 'how many at most', wholeNumber(1, 1000), 20)
        .option('--json', 'print JSON')
        .action(listAlerts),
    )
    .addCommand(
      new Command('secret')
        .summary('by what a venue\'s system knows that an alert is ours')
        .description('Prints the secret with which the alerts of a venue are signed (standardwebhooks.com), for the settings of its receiver. Needs BAROMETER_VENUE_WEBHOOK_SECRET, which the workers have ("barometer up" makes one, and it is found here): every venue\'s own comes of it, and none is kept anywhere.')
        .argument('<venue>', 'its id')
        .option('--json', 'print JSON')
        .action(printSecret),
    )
    .addCommand(
      new Command('remove')
        .summary('forget what is said of a venue')
        .description('Forgets what is said of a venue: it has no staff areas and no rules any more. Its keys stay in force, and its alerts on record.')
        .argument('<venue>', 'its id')
        .option('--json', 'print JSON')
        .action(removeVenue),
    );
}

async function listVenues({ json }: Output): Promise<void> {
  const { venues } = openStores(loadConfig());
  const ids = await venues.listIds();
  const found = (await Promise.all(ids.map((id) => venues.find(id)))).flatMap((stored) => (stored === null ? [] : [stored.venue]));
  if (json) console.log(toJson(found));
  else if (found.length === 0) console.log('Nothing is said of any venue. Say something with `barometer venues set FILE`.');
  else console.log(toVenueTable(found));
}

async function showVenue(id: string, { json }: Output): Promise<void> {
  const { venues } = openStores(loadConfig());
  const { venue } = await requireVenue(venues, id);
  console.log(json ? toJson(venue) : toVenueText(venue));
}

async function setVenue(file: string, { json }: Output): Promise<void> {
  const venue = await readVenueFile(file);
  const { venues } = openStores(loadConfig());
  const before = await findReadable(venues, venue.id);
  const isChanged = before === null || toJson(before.venue) !== toJson(venue);
  if (isChanged) await venues.save(venue, before?.etag ?? null);
  if (json) console.log(toJson(venue));
  else if (isChanged) console.log(`${toVenueText(venue)}\n\n${venue.id} is kept so. APIs that run follow within seconds.`);
  else console.log(`${venue.id} is kept so already: nothing has changed.`);
}

async function removeVenue(id: string, { json }: Output): Promise<void> {
  const { venues } = openStores(loadConfig());
  await venues.remove(id);
  if (json) console.log(toJson({ removed: id }));
  else console.log(`Nothing is said of ${id} any more. APIs that run follow within seconds.`);
}

interface AlertsOptions extends Output {
  readonly limit: number;
}

async function listAlerts(id: string, { limit, json }: AlertsOptions): Promise<void> {
  const { moodAlerts } = openStores(loadConfig());
  const alerts = await moodAlerts.list(id, limit);
  if (json) console.log(toJson(alerts));
  else console.log(alerts.length === 0 ? `No alert of ${id} is on record.` : toAlertTable(alerts));
}

async function printSecret(id: string, { json }: Output): Promise<void> {
  const config = loadConfig();
  const venue = venueIdSchema.safeParse(id);
  if (!venue.success) throw new Failure('input-invalid', `${venue.error.issues[0]!.message}.`);
  const workersSecrets = findVenueSecrets(config);
  if (workersSecrets.length === 0) {
    throw new Failure('configuration-invalid', `Set BAROMETER_VENUE_WEBHOOK_SECRET to what the workers have. Make one with: ${NEW_SECRET}`);
  }
  const secrets = workersSecrets.map((each) => toSecretText(toVenueSecret(each, venue.data)));
  if (json) console.log(toJson({ venue: id, secrets }));
  // Each alone on its line and on this output, so that it can be piped to where it belongs.
  else console.log(secrets.join('\n'));
  if ((await openStores(config).venues.find(id)) === null) console.error(`\nNothing is said of a venue ${id} so far: is that how it is written?`);
}

async function requireVenue(venues: VenueStore, id: string): Promise<StoredVenue> {
  const stored = await venues.find(id);
  if (stored === null) throw new Failure('not-found', `Nothing is said of a venue ${id}. \`barometer venues list\` shows those that there are.`);
  return stored;
}

/** What somebody has broken by hand can't be compared with, and must be removed first: nobody else could tell what it said. */
async function findReadable(venues: VenueStore, id: string): Promise<StoredVenue | null> {
  return venues.find(id).catch((error: unknown) => {
    if (!isFailure(error, 'data-corrupt')) throw error;
    throw new Failure('data-corrupt', `${error.message} \`barometer venues remove ${id}\` makes room for another.`, { cause: error });
  });
}
