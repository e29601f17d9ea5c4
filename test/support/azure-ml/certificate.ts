import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Certificate } from '../certificates.ts';
import { createOwnCertificate } from '../certificates.ts';

let trusted: Certificate | null = null;

/** This process's own certificate for servers on 127.0.0.1, which it trusts from now on. */
export function trustOwnCertificate(): Certificate {
  if (trusted === null) {
    trusted = createOwnCertificate();
    setDefaultCACertificates([...getCACertificates('default'), trusted.certificate]);
  }
  return trusted;
}
