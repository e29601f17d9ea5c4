import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import { postJson } from '../../../adapters/webhook/post-json.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { Failure } from '../../../domain/failure.ts';
import type { Reply, WebhookReceiver } from '../../support/webhook-receiver.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';

const NEVER = new AbortController().signal;

describe('posting JSON', () => {
  const receivers: WebhookReceiver[] = [];

  afterEach('end the receivers', async () => {
    await Promise.all(receivers.splice(0).map((each) => each.stop()));
  });

  async function receive(reply?: Reply | null): Promise<WebhookReceiver> {
    const receiver = await startWebhookReceiver(reply === undefined ? undefined : () => reply);
    receivers.push(receiver);
    return receiver;
  }

  const post = (url: string, { timeoutMs = 5_000, signal = NEVER } = {}) =>
    postJson({ receiver: 'webhook', setting: 'BAROMETER_WEBHOOK_URL', url, body: '{"a":1}', headers: { 'x-mine': 'b' }, timeoutMs }, signal);

  async function failureOf(url: string, timeoutMs?: number): Promise<Failure> {
    const error: unknown = await post(url, timeoutMs === undefined ? {} : { timeoutMs }).then(() => null, (reason: unknown) => reason);
    assert.ok(error instanceof Failure, String(error));
    assert.doesNotMatch(error.message, /hush|127\.0\.0\.1/, 'the address is kept to ourselves');
    return error;
  }

  it('sends body and headers, and says what the receiver answered', async () => {
    const { url, received } = await receive({ status: 202 });
    assert.equal((await post(url)).status, 202);
    const [first] = received;
    assert.equal(first!.path, '/hooks/barometer?key=hush');
    assert.equal(first!.body, '{"a":1}');
    assert.equal(first!.headers['content-type'], 'application/json');
    assert.equal(first!.headers['x-mine'], 'b');
  });

  const KINDS: Readonly<Record<number, FailureKind>> = {
    301: 'delivery-refused', 307: 'delivery-refused', 400: 'delivery-refused', 401: 'delivery-refused', 404: 'delivery-refused', 410: 'delivery-refused',
    408: 'dependency-unavailable', 429: 'dependency-unavailable', 500: 'dependency-unavailable', 503: 'dependency-unavailable',
  };

  for (const [status, kind] of Object.entries(KINDS)) {
    it(`calls an answer of ${status} ${kind}`, async () => {
      const { url } = await receive({ status: Number(status) });
      const failure = await failureOf(url);
      assert.equal(failure.kind, kind);
      assert.match(failure.message, new RegExp(status));
    });
  }

  it('follows no redirect', async () => {
    const elsewhere = await receive();
    const { url } = await receive({ status: 307, headers: { location: elsewhere.url } });
    await failureOf(url);
    assert.equal(elsewhere.received.length, 0);
  });

  it('waits as long as the receiver asks for, within reason', async () => {
    const after = async (value: string) => (await failureOf((await receive({ status: 429, headers: { 'retry-after': value } })).url)).retryAfterMs;
    assert.equal(await after('7'), 7_000);
    assert.equal(await after('86400'), 3_600_000);
    assert.equal(await after('soon'), null);
    const inAMinute = await after(new Date(Date.now() + 60_000).toUTCString());
    assert.ok(inAMinute !== null && inAMinute > 50_000 && inAMinute <= 60_000, String(inAMinute));
  });

  it('gives up on a receiver that does not answer', async () => {
    const { url } = await receive(null);
    const failure = await failureOf(url, 200);
    assert.equal(failure.kind, 'dependency-unavailable');
    assert.match(failure.message, /no answer within 0.2 s/);
  });

  it('says that nobody listens', async () => {
    const gone = await startWebhookReceiver();
    await gone.stop();
    const failure = await failureOf(gone.url);
    assert.equal(failure.kind, 'dependency-unavailable');
    assert.match(failure.message, /no connection.*BAROMETER_WEBHOOK_URL/);
  });

  it('ends with the caller\'s own reason', async () => {
    const { url } = await receive(null);
    const reason = new Error('that will do');
    const caller = new AbortController();
    const posted = post(url, { signal: caller.signal });
    caller.abort(reason);
    await assert.rejects(posted, reason);
  });
});
