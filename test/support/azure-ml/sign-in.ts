import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createServer as createPlainServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { trustOwnCertificate } from './certificate.ts';

/** Where processes of a test sign in, instead of at login.microsoftonline.com or at their machine's own endpoint. */
export interface SignIn {
  /** AZURE_AUTHORITY_HOST; its one tenant is `adfs`, for which no other host is asked whether this one may be trusted. */
  readonly authorityHost: string;
  /** IDENTITY_ENDPOINT */
  readonly identityEndpoint: string;
  /** How processes have signed in, as they said it. */
  readonly grants: readonly string[];
  stop(): Promise<void>;
}

const TOKEN = { access_token: 'of a test', token_type: 'Bearer', expires_in: 3_600 };

export async function startSignIn(): Promise<SignIn> {
  const { certificate, privateKey } = trustOwnCertificate();
  const grants: string[] = [];

  async function answerAuthority(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Content-Type', 'application/json');
    if (request.method === 'GET') {
      response.end(JSON.stringify({ issuer: `${authorityHost}/adfs`, authorization_endpoint: `${authorityHost}/adfs/oauth2/authorize`, token_endpoint: `${authorityHost}/adfs/oauth2/token`, jwks_uri: `${authorityHost}/adfs/keys` }));
      return;
    }
    const sent = new URLSearchParams(await text(request));
    grants.push(['client_secret', 'client_assertion'].map((name) => (sent.has(name) ? `${name}=${String(sent.get(name))}` : '')).join(''));
    response.end(JSON.stringify(TOKEN));
  }

  const authority = createServer({ cert: certificate, key: privateKey }, (request, response) => void answerAuthority(request, response));
  const machine = createPlainServer((request, response) => {
    grants.push(`identity header ${String(request.headers['x-identity-header'])}`);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ ...TOKEN, expires_on: String(Math.floor(Date.now() / 1000) + 3_600), resource: 'management' }));
  });
  await Promise.all([authority, machine].map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const portOf = (server: typeof authority | typeof machine) => (server.address() as AddressInfo).port;
  const authorityHost = `https://127.0.0.1:${portOf(authority)}`;

  return {
    authorityHost,
    identityEndpoint: `http://127.0.0.1:${portOf(machine)}/token`,
    grants,
    async stop() {
      for (const server of [authority, machine]) {
        server.close();
        server.closeAllConnections();
      }
      await Promise.all([authority, machine].map((server) => once(server, 'close')));
    },
  };
}
