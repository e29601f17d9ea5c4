import { Failure } from '../domain/failure.ts';
import { splitList } from './setting.ts';

const PREFIX = 'whsec_';
/** As the specification asks for. */
const SECRET_BYTES = { least: 24, most: 64 };
const MOST_SECRETS = 2;

/** How to make one. */
export const NEW_SECRET = "node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\"";

/**
 * `whsec_…`, or two with a comma between them while one is replaced by the other.
 *
 * @throws Failure `configuration-invalid` naming the setting, and nothing of its value
 */
export function toWebhookSecrets(setting: string, text: string): Uint8Array[] {
  const secrets = splitList(text);
  if (secrets.length > MOST_SECRETS) throw new Failure('configuration-invalid', `${setting} takes two secrets at most: the new one, and the one that it replaces.`);
  return secrets.map((secret) => {
    const encoded = secret.slice(PREFIX.length);
    const bytes = Buffer.from(encoded, 'base64');
    const isWhole = secret.startsWith(PREFIX) && bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
    if (!isWhole || bytes.byteLength < SECRET_BYTES.least || bytes.byteLength > SECRET_BYTES.most) {
      throw new Failure('configuration-invalid', `${setting} is "${PREFIX}" and then ${SECRET_BYTES.least} to ${SECRET_BYTES.most} random bytes in base64.`);
    }
    return bytes;
  });
}

/** As a receiver's settings take it. */
export function toSecretText(secret: Uint8Array): string {
  return `${PREFIX}${Buffer.from(secret).toString('base64')}`;
}
