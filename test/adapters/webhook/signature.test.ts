import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { toSignedHeaders } from '../../../adapters/webhook/signature.ts';

const BODY = JSON.stringify({ event: 'succeeded', who: 'Käthe' });

function sign(secrets: readonly Uint8Array[], sentAt = new Date()) {
  return toSignedHeaders({ id: 'a-run-succeeded-webhook', body: BODY, sentAt }, secrets);
}

function toVerifier(secret: Uint8Array): Webhook {
  return new Webhook(`whsec_${Buffer.from(secret).toString('base64')}`);
}

describe('the signature of a webhook', () => {
  const secret = randomBytes(32);

  it('is taken by the official verifier', () => {
    assert.deepEqual(toVerifier(secret).verify(BODY, sign([secret])), JSON.parse(BODY));
  });

  it('is turned down by who has another secret', () => {
    assert.throws(() => toVerifier(randomBytes(32)).verify(BODY, sign([secret])), WebhookVerificationError);
  });

  it('holds for the very body, id and time alone', () => {
    const headers = sign([secret]);
    assert.throws(() => toVerifier(secret).verify(BODY.replace('succeeded', 'failed'), headers), WebhookVerificationError);
    assert.throws(() => toVerifier(secret).verify(BODY, { ...headers, 'webhook-id': 'another' }), WebhookVerificationError);
    const later = String(Number(headers['webhook-timestamp']) + 1);
    assert.throws(() => toVerifier(secret).verify(BODY, { ...headers, 'webhook-timestamp': later }), WebhookVerificationError);
  });

  it('is too old after a while, so that nobody can send it again', () => {
    assert.throws(() => toVerifier(secret).verify(BODY, sign([secret], new Date(Date.now() - 3_600_000))), WebhookVerificationError);
  });

  it('is taken by who knows either of two secrets', () => {
    const [former, next] = [randomBytes(24), randomBytes(64)];
    const headers = sign([next, former]);
    for (const known of [former, next]) assert.deepEqual(toVerifier(known).verify(BODY, headers), JSON.parse(BODY));
  });
});
