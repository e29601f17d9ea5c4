import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

export interface Certificate {
  readonly certificate: string;
  readonly privateKey: string;
}

const OID = {
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
};

let trusted: Certificate | null = null;

/** This process's own certificate for servers on 127.0.0.1, which it trusts from now on. */
export function trustOwnCertificate(): Certificate {
  if (trusted === null) {
    trusted = createCertificate();
    setDefaultCACertificates([...getCACertificates('default'), trusted.certificate]);
  }
  return trusted;
}

/**
 * A certificate for a server on 127.0.0.1 that vouches for itself, good for a day, in PEM. (Node makes keys, but no
 * certificates; this is RFC 5280 in DER, as far as such a one needs it.)
 */
function createCertificate(): Certificate {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const name = sequence(set(sequence(oid(OID.commonName), utf8String('Barometer test'))));
  const extensions = sequence(
    sequence(oid(OID.subjectAltName), octetString(sequence(element(0x87, Buffer.of(127, 0, 0, 1))))),
    sequence(oid(OID.basicConstraints), octetString(sequence(element(0x01, Buffer.of(0xff))))),
  );
  const now = Date.now();
  const toBeSigned = sequence(
    element(0xa0, element(0x02, Buffer.of(2))),
    element(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    sequence(utcTime(now - 3_600_000), utcTime(now + 86_400_000)),
    name,
    publicKey,
    element(0xa3, extensions),
  );
  const certificate = sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, privateKey)));
  return { certificate: toPem(certificate), privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  return Buffer.concat([length < 0x100 ? Buffer.of(tag, 0x81, length) : Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}

const sequence = (...parts: Buffer[]) => element(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]) => element(0x31, Buffer.concat(parts));
const oid = (bytes: readonly number[]) => element(0x06, Buffer.from(bytes));
const utf8String = (text: string) => element(0x0c, Buffer.from(text));
const octetString = (content: Buffer) => element(0x04, content);
const bitString = (content: Buffer) => element(0x03, Buffer.concat([Buffer.of(0), content]));
const utcTime = (ms: number) => element(0x17, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));

function toPem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/(.{64})/g, '$1\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}
