import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** In PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Signs certificates that those who trust it take for good. */
export interface CertificateAuthority {
  /** PEM. */
  readonly certificate: string;
  /** For a server on 127.0.0.1, or under another IP address, or for a client of this name. */
  issue(options?: { readonly name?: string; readonly ip?: readonly [number, number, number, number]; readonly expired?: boolean }): Certificate;
}

const OID = {
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
};

interface Subject {
  readonly name: Buffer;
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
  readonly issuer: { readonly name: Buffer; readonly key: KeyObject };
  readonly expired?: boolean;
}

const HOUR_MS = 3_600_000;

/** A certificate for a server on 127.0.0.1 that vouches for itself, good for a day. */
export function createOwnCertificate(): Certificate {
  const { key, publicKey, name, pem } = createSubject('Barometer test');
  return { certificate: toCertificate({ name, publicKey, issuer: { name, key }, extensions: [forAddress(127, 0, 0, 1), isAuthority()] }), privateKey: pem };
}

export function createAuthority(authorityName = 'Barometer test authority'): CertificateAuthority {
  const { key, publicKey, name: issuerName } = createSubject(authorityName);
  const issuer = { name: issuerName, key };
  return {
    certificate: toCertificate({ name: issuerName, publicKey, issuer, extensions: [isAuthority()] }),
    issue({ name = 'somebody', ip = [127, 0, 0, 1], expired = false } = {}) {
      const subject = createSubject(name);
      return { certificate: toCertificate({ ...subject, issuer, expired, extensions: [forAddress(...ip)] }), privateKey: subject.pem };
    },
  };
}

function createSubject(commonName: string) {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    key,
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }),
    name: sequence(set(sequence(oid(OID.commonName), utf8String(commonName)))),
    pem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const forAddress = (...ip: readonly number[]) => sequence(oid(OID.subjectAltName), octetString(sequence(element(0x87, Buffer.from(ip)))));
const isAuthority = () => sequence(oid(OID.basicConstraints), octetString(sequence(element(0x01, Buffer.of(0xff)))));

/** Node makes keys, but no certificates; this is RFC 5280 in DER, as far as tests need it. */
function toCertificate({ name, publicKey, extensions, issuer, expired = false }: Subject): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const now = expired ? Date.now() - 48 * HOUR_MS : Date.now();
  const toBeSigned = sequence(
    element(0xa0, element(0x02, Buffer.of(2))),
    element(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    issuer.name,
    sequence(utcTime(now - HOUR_MS), utcTime(now + 24 * HOUR_MS)),
    name,
    publicKey,
    element(0xa3, sequence(...extensions)),
  );
  return toPem(sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, issuer.key))));
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
