import { readFile } from 'node:fs/promises';
import type { Environment } from './credentials.ts';
import { listPasswords } from './credentials.ts';

/** Shorter ones would blot out ordinary words, and are no secrets. */
const SHORTEST_SECRET = 6;
const NPM_SECRET = /(?:_authToken|_auth|_password)\s*=\s*"?([^"\s]+)"?\s*$/gm;

/** Makes a line of an engine's output fit to be kept: nobody knows what a build prints. */
export type Redact = (line: string) => string;

/** Blots out passwords of registries, tokens of npm and credentials in URLs. */
export async function createRedact(environment: Environment, npmrc: string | null): Promise<Redact> {
  const npm = npmrc === null ? '' : await readFile(npmrc, 'utf8');
  const tokens = [...npm.matchAll(NPM_SECRET)].map(([, token]) => token!);
  // A variable of the environment stands for what it holds.
  const held = tokens.map((token) => token.replace(/^\$\{(.+)\}$/, (name, variable: string) => environment[variable] ?? name));
  const secrets = [...held, ...(await listPasswords(environment))].filter((secret) => secret.length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length);
  return (line) => secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line).replaceAll(/:\/\/[^/\s@]+@/g, '://***@');
}
