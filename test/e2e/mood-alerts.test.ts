import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach } from 'mocha';
import { Webhook } from 'standardwebhooks';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { openMoodAlerts } from '../../adapters/temporal/mood-alerts.ts';
import type { TemporalMoodAlerts } from '../../adapters/temporal/mood-alerts.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { toVenueSecret } from '../../adapters/webhook/venue-secret.ts';
import { toSecretText } from '../../config/webhook-secret.ts';
import type { MoodAlertRecord } from '../../domain/mood-alert.ts';
import { moodAlertSchema } from '../../domain/mood-alert.ts';
import { MODEL_FILES } from '../../domain/names.ts';
import type { MoodRule } from '../../domain/venue.ts';
import { toForm } from '../support/api.ts';
import { findFreePort } from '../support/free-port.ts';
import { useAzurite } from '../support/azurite.ts';
import type { RunningCommand } from '../support/barometer.ts';
import { useCommands } from '../support/commands.ts';
import { toRegistration } from '../support/models.ts';
import { toAlertingVenue, toMoodAlertInput } from '../support/mood-alerts.ts';
import { toOnnxModel } from '../support/onnx-model.ts';
import { drawScene } from '../support/scenes.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import type { Reply, WebhookReceiver } from '../support/webhook-receiver.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const SECRET = randomBytes(32);

describe('an alert of a venue', () => {
  const commands = useCommands();
  const temporal = useTemporal();
  const azurite = useAzurite();
  let environment: Record<string, string>;
  let stores: Stores;
  let alerts: TemporalMoodAlerts;
  let receiver: WebhookReceiver;
  let venues = 0;
  const running: RunningCommand[] = [];

  beforeEach('open an account, and what starts alerts', async () => {
    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    await stores.blobs.ensureContainers();
    alerts = await openMoodAlerts({ address: temporal.env.address, namespace: 'default' });
    environment = {
      BAROMETER_TEMPORAL_ADDRESS: temporal.env.address,
      BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
      BAROMETER_VENUE_WEBHOOK_SECRET: toSecretText(SECRET),
      BAROMETER_VENUE_WEBHOOK_NETWORK: 'private',
      BAROMETER_SHUTDOWN_GRACE_SECONDS: '0.5',
    };
  });

  afterEach('let them go', async () => {
    await alerts.close();
    await receiver.stop();
  });

  /** A venue with a receiver of its own, and so with alerts of its own. */
  async function open(reply?: (request: number) => Reply | null, rule: Partial<MoodRule> = {}): Promise<string> {
    receiver = await startWebhookReceiver(reply);
    const id = `venue-${(venues += 1)}`;
    await stores.venues.save({ ...toAlertingVenue(receiver.url, rule), id, minimumFaces: 2 }, null);
    return id;
  }

  async function waitForRecord(venue: string): Promise<MoodAlertRecord> {
    let records: MoodAlertRecord[] = [];
    await until(async () => (records = await stores.moodAlerts.list(venue, 10)).length > 0);
    assert.equal(records.length, 1);
    return records[0]!;
  }

  /** As a receiver does that knows its secret: what is not ours is refused. */
  const readAlert = (venue: string, { body, headers }: WebhookReceiver['received'][number]) =>
    moodAlertSchema.parse(new Webhook(Buffer.from(toVenueSecret(SECRET, venue)).toString('base64')).verify(body, headers));

  it('survives the death of the worker that delivers it, and is the same at the next try', async () => {
    const venue = await open((request) => (request === 0 ? null : { status: 204 }));
    const first = await commands.startWorker(environment, 'pipeline');
    await alerts.start(toMoodAlertInput({ venue }));
    await until(() => receiver.received.length === 1);
    await first.kill();
    await commands.startWorker(environment, 'pipeline');
    const { status, tries } = await waitForRecord(venue);
    assert.deepEqual({ status, tries }, { status: 'delivered', tries: 2 });
    const [before, after] = receiver.received.map((each) => readAlert(venue, each));
    assert.deepEqual(after, before);
  });

  it('is applied once by a receiver that was ill at first, and refused ones are kept with their reason', async () => {
    await commands.startWorker(environment, 'pipeline');
    const ill = await open((request) => ({ status: request < 2 ? 500 : 200 }));
    await Promise.all([0, 1, 2].map((ms) => alerts.start(toMoodAlertInput({ venue: ill, at: new Date(Date.now() - ms).toISOString() }))));
    const { status, tries, reason } = await waitForRecord(ill);
    assert.deepEqual({ status, tries, reason }, { status: 'delivered', tries: 3, reason: null });
    assert.deepEqual(receiver.received.map((each) => each.status), [500, 500, 200]);
    assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 1);
    await receiver.stop();

    const deaf = await open(() => ({ status: 404 }));
    await alerts.start(toMoodAlertInput({ venue: deaf }));
    const refused = await waitForRecord(deaf);
    assert.deepEqual({ status: refused.status, tries: refused.tries }, { status: 'undelivered', tries: 1 });
    assert.match(refused.reason!, /does not take the notification \(404\)/);
    assert.equal(receiver.received.length, 1);
  });

  it('comes, once, of what a camera shows, whichever process of the API is asked', async () => {
    const venue = await open(undefined, { forSeconds: 20 });
    await stores.registry.register(toRegistration({ runName: 'a-run', files: { [MODEL_FILES.onnx]: toOnnxModel('angry') } }));
    await commands.startWorker(environment, 'pipeline');
    const urls = [await startApi(), await startApi()];
    const image = await drawScene({ width: 640, height: 480 }, [{ left: 20, top: 20, side: 200 }, { left: 400, top: 20, side: 200 }, { left: 20, top: 250, side: 200 }, { left: 400, top: 250, side: 200 }]);
    // As a camera sends: on and on, until somebody comes.
    let images = 0;
    await until(async () => {
      const headers = { 'barometer-venue': venue, 'barometer-camera': 'bar' };
      const answer = await fetch(`${urls[(images += 1) % 2]!}/predict`, { method: 'POST', body: toForm(image), headers });
      assert.equal(answer.status, 200, await answer.text());
      return receiver.received.length > 0;
    });
    const { status, tries, faces, share } = await waitForRecord(venue);
    assert.deepEqual({ status, tries, share }, { status: 'delivered', tries: 1, share: 1 });
    const alert = readAlert(venue, receiver.received[0]!);
    assert.deepEqual({ faces: alert.faces, rule: alert.rule.id, venue: alert.venue.name }, { faces, rule: 'fight', venue: 'The Sun' });
    // Both go on to see it be true, and join the alert that has been sent.
    const said = () => running.filter((api) => api.output().includes('a rule is true')).length;
    await until(() => said() === 2);
    assert.equal(receiver.received.length, 1);
  });

  /** One process of several, with a log that can be read. */
  async function startApi(): Promise<string> {
    const port = await findFreePort();
    const more = { BAROMETER_API_PORT: String(port), BAROMETER_LOG_LEVEL: 'info', BAROMETER_API_REQUESTS_PER_MINUTE: '0', BAROMETER_MODEL_POLL_SECONDS: '0.1' };
    running.push(await commands.start(['api'], { ...environment, ...more }, 'listening'));
    const url = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${url}/readyz`)).ok);
    return url;
  }
});
