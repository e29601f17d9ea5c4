import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'mocha';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import { createMoodAlertStore } from '../../../adapters/blob-storage/mood-alert-store.ts';
import { createVenueStore } from '../../../adapters/blob-storage/venue-store.ts';
import { toVenueSecret } from '../../../adapters/webhook/venue-secret.ts';
import { keepVenueSecret } from '../../../cli/embedded/venue-secret.ts';
import { toSecretText } from '../../../config/webhook-secret.ts';
import { CONTAINERS, venueKeys } from '../../../domain/names.ts';
import type { Venue } from '../../../domain/venue.ts';
import { useAzurite } from '../../support/azurite.ts';
import type { Finished } from '../../support/barometer.ts';
import { REPOSITORY, runBarometer } from '../../support/barometer.ts';
import { toMoodAlertInput } from '../../support/mood-alerts.ts';

const VENUE = {
  id: 'the-sun',
  name: 'The Sun',
  operator: { name: 'Sun Ltd', contact: 'privacy@sun.example' },
  cameras: { bar: { staffAreas: [{ points: [[0, 0], [1, 0], [1, 1]] }] } },
  rules: [{ id: 'fight', emotion: 'angry', shareAbove: 0.3, forSeconds: 60 }],
  webhook: { url: 'https://sun.example/barometer' },
};

describe('barometer venues', () => {
  const azurite = useAzurite();
  let directory: string;
  let account: ReturnType<typeof azurite.newAccount>;

  before(async () => { directory = await mkdtemp(join(tmpdir(), 'barometer-venues-')); });
  after(() => rm(directory, { recursive: true }));
  beforeEach(() => { account = azurite.newAccount(); });

  const run = (args: readonly string[], input?: string, environment: Readonly<Record<string, string>> = {}): Promise<Finished> =>
    runBarometer(['venues', ...args], { BAROMETER_STORAGE_CONNECTION_STRING: account.connectionString, ...environment }, REPOSITORY, input);

  async function prepareBlobs(): Promise<BlobStore> {
    const blobs = createAzureBlobStore(account);
    await blobs.ensureContainers();
    return blobs;
  }

  async function outputOf(args: readonly string[], input?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await run(args, input);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  async function toFile(content: unknown): Promise<string> {
    const file = join(directory, 'venue.json');
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  it('says what a venue is, shows and lists it, and forgets it', async () => {
    assert.match(await outputOf([]), /Nothing is said of any venue.*barometer venues set FILE/);
    const file = await toFile(VENUE);
    const said = await outputOf(['set', file]);
    assert.match(said, /rule fight +angry share above 30\.0 % for 60 s; quiet for 900 s/);
    assert.match(said, /the-sun is kept so/);
    assert.match(await outputOf(['set', file]), /nothing has changed/);

    assert.match(await outputOf(['list']), /the-sun +The Sun +1 +fight +sun\.example/);
    assert.deepEqual((JSON.parse(await outputOf(['list', '--json'])) as Venue[]).map(({ id }) => id), ['the-sun']);
    assert.match(await outputOf(['show', 'the-sun']), /camera bar +1 staff area/);

    // What is shown as JSON can be changed by a program and said again.
    const shown = JSON.parse(await outputOf(['show', 'the-sun', '--json'])) as Venue;
    assert.equal(shown.minimumFaces, 5);
    const changed = JSON.parse(await outputOf(['set', '-', '--json'], JSON.stringify({ ...shown, minimumFaces: 8 }))) as Venue;
    assert.deepEqual(changed, { ...shown, minimumFaces: 8 });
    assert.match(await outputOf(['show', 'the-sun']), /from 8 faces on/);

    assert.match(await outputOf(['remove', 'the-sun']), /Nothing is said of the-sun any more/);
    assert.deepEqual(JSON.parse(await outputOf(['list', '--json'])), []);
  });

  it('names each wrong field, and changes nothing', async () => {
    await outputOf(['set', await toFile(VENUE)]);
    const wrong = { ...VENUE, name: undefined, colour: 'red', rules: [{ ...VENUE.rules[0], forSeconds: 65 }], cameras: { bar: { staffAreas: [{ points: [[0, 0], [2, 0], [1, 1]] }] } } };
    const { exitCode, stdout, stderr } = await run(['set', await toFile(wrong)]);
    assert.equal(exitCode, 1);
    assert.equal(stdout, '');
    for (const problem of [/^ {2}name: is missing$/m, /Unrecognized key: "colour"/, /^ {2}rules\[0\]\.forSeconds: must be a multiple of 10$/m, /^ {2}cameras\.bar\.staffAreas\[0\]\.points\[1\]\[0\]: points lie between 0 and 1/m]) assert.match(stderr, problem);
    assert.equal((JSON.parse(await outputOf(['show', 'the-sun', '--json'])) as Venue).name, 'The Sun');
  });

  it('says what is wrong with what was asked', async () => {
    for (const [args, complaint] of [
      [['set', join(directory, 'nowhere.json')], /nowhere\.json can't be read/],
      [['set', await toFile('{ id: the-sun }')], /is no JSON/],
      [['show', 'the-moon'], /Nothing is said of a venue the-moon/],
      [['remove', 'the-moon'], /Nothing is said of a venue the-moon/],
    ] as const) {
      const { exitCode, stdout, stderr } = await run(args);
      assert.equal(exitCode, 1);
      assert.equal(stdout, '');
      assert.match(stderr, complaint);
    }
  });

  it('lists what a venue was alerted of', async () => {
    assert.match(await outputOf(['alerts', 'the-sun']), /No alert of the-sun is on record/);
    const store = createMoodAlertStore(await prepareBlobs());
    const toAlert = (minute: number) => toMoodAlertInput({ at: new Date(Date.UTC(2026, 10, 24, 22, minute)).toISOString() });
    await store.record(toAlert(10), { status: 'delivered', tries: 3, reason: null, endedAt: '2026-11-24T22:10:07.000Z' });
    await store.record(toAlert(40), { status: 'undelivered', tries: 1, reason: 'It is not taken.', endedAt: '2026-11-24T22:40:01.000Z' });
    const [newest, before] = (await outputOf(['alerts', 'the-sun'])).split('\n').slice(2);
    assert.match(newest!, /^2026-11-24 22:40 +fight +40\.0 % angry +50 +undelivered +1 +It is not taken\.$/);
    assert.match(before!, /^2026-11-24 22:10 .* delivered +3$/);
    assert.equal((JSON.parse(await outputOf(['alerts', 'the-sun', '--limit', '1', '--json'])) as unknown[]).length, 1);
  });

  it('prints the secret that comes of the workers\' own, and of both while one replaces the other', async () => {
    const [fresh, old] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const toText = (secret: Uint8Array) => `whsec_${Buffer.from(secret).toString('base64')}`;
    const { stdout, stderr } = await run(['secret', 'the-sun'], '', { BAROMETER_VENUE_WEBHOOK_SECRET: `${toText(fresh)},${toText(old)}` });
    assert.deepEqual(stdout.trimEnd().split('\n'), [fresh, old].map((secret) => toText(toVenueSecret(secret, 'the-sun'))));
    assert.match(stderr, /Nothing is said of a venue the-sun so far/);
    const without = await run(['secret', 'the-sun']);
    assert.equal(without.exitCode, 1);
    assert.match(without.stderr, /Set BAROMETER_VENUE_WEBHOOK_SECRET/);
  });

  it('prints the secret that comes of the one that the stack on this machine keeps', async () => {
    await prepareBlobs();
    const [, port] = /:(\d+)\//.exec(account.connectionString.slice(account.connectionString.indexOf('BlobEndpoint')))!;
    const kept = keepVenueSecret(directory);
    const { stdout } = await run(['secret', 'the-sun'], '', { BAROMETER_STATE_DIR: directory, BAROMETER_STORAGE_CONNECTION_STRING: '', BAROMETER_AZURITE_PORT: port! });
    assert.equal(stdout.trimEnd(), toSecretText(toVenueSecret(Buffer.from(kept.slice('whsec_'.length), 'base64'), 'the-sun')));
  });

  it('says how to get rid of a document that was broken by hand', async () => {
    const blobs = await prepareBlobs();
    await blobs.write(CONTAINERS.venues, venueKeys.document('the-sun'), '{}');
    const file = await toFile(VENUE);
    assert.match((await run(['set', file])).stderr, /barometer venues remove the-sun/);
    await outputOf(['remove', 'the-sun']);
    await outputOf(['set', file]);
    assert.equal((await createVenueStore(blobs).find('the-sun'))?.venue.name, 'The Sun');
  });
});
