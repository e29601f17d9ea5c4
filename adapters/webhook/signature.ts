import { createHmac } from 'node:crypto';

export interface Unsigned {
  /** The same at every attempt to send it. */
  readonly id: string;
  readonly body: string;
  readonly sentAt: Date;
}

/**
 * The headers by which a receiver knows who sent a body, and when (standardwebhooks.com, version 1): one signature for each
 * secret, so that a receiver that knows either of two takes it.
 */
export function toSignedHeaders({ id, body, sentAt }: Unsigned, secrets: readonly Uint8Array[]): Record<string, string> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000));
  const sign = (secret: Uint8Array) => createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${sign(secret)}`).join(' '),
  };
}
