import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { DOCKER_HUB } from './reference.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** With a user's name and password, or with a token that is traded for others. */
export type Credentials = { readonly username: string; readonly password: string } | { readonly identityToken: string };

const entrySchema = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});

const fileSchema = z.looseObject({
  auths: z.record(z.string(), entrySchema).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
});
type AuthFile = z.output<typeof fileSchema>;

const HELPER_TIMEOUT_MS = 30_000;

/**
 * What `docker login`, `podman login` and `buildah login` left for a registry; null where nobody signed in. Never asks for
 * more than these files and the helpers that they name; a helper that has nothing, or is not there, is passed over.
 */
export async function findCredentials(host: string, repository: string, environment: Environment): Promise<Credentials | null> {
  for (const path of toAuthFiles(environment)) {
    const file = await readAuthFile(path);
    if (file === null) continue;
    const found = (await askHelper(file, host, environment)) ?? findEntry(file, host, repository);
    if (found !== null) return found;
  }
  return null;
}

/** Every password that the files hold: nothing of them may be shown. */
export async function listPasswords(environment: Environment): Promise<string[]> {
  const files = await Promise.all(toAuthFiles(environment).map(readAuthFile));
  const entries = files.flatMap((file) => Object.values(file?.auths ?? {}));
  return entries.flatMap((entry) => {
    const credentials = toCredentials(entry);
    const decoded = credentials === null ? [] : 'password' in credentials ? [credentials.password] : [credentials.identityToken];
    return [...decoded, ...(entry.auth === undefined ? [] : [entry.auth])];
  });
}

/** In the order in which the engines look; the first one is of buildah and podman, the last one everybody's. */
function toAuthFiles(environment: Environment): string[] {
  const home = environment['HOME'] ?? homedir();
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME = join(home, '.config'), DOCKER_CONFIG = join(home, '.docker') } = environment;
  return [
    ...(REGISTRY_AUTH_FILE === undefined ? [] : [REGISTRY_AUTH_FILE]),
    ...(XDG_RUNTIME_DIR === undefined ? [] : [join(XDG_RUNTIME_DIR, 'containers/auth.json')]),
    join(XDG_CONFIG_HOME, 'containers/auth.json'),
    join(DOCKER_CONFIG, 'config.json'),
  ];
}

async function readAuthFile(path: string): Promise<AuthFile | null> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** The most specific name wins: an entry may be for a part of a registry only. */
function findEntry({ auths }: AuthFile, host: string, repository: string): Credentials | null {
  const parts = [host, ...repository.split('/')];
  const names = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
  const entries = new Map(Object.entries(auths).map(([key, entry]) => [toName(key), entry]));
  const name = names.find((each) => entries.has(each));
  return name === undefined ? null : toCredentials(entries.get(name)!);
}

/** `https://index.docker.io/v1/` is what Docker calls its hub. */
function toName(key: string): string {
  const name = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
  return name === 'index.docker.io' || name === 'registry-1.docker.io' ? DOCKER_HUB : name;
}

function toCredentials({ auth, username, password, identitytoken }: z.output<typeof entrySchema>): Credentials | null {
  if (identitytoken !== undefined) return { identityToken: identitytoken };
  if (username !== undefined && password !== undefined) return { username, password };
  const decoded = Buffer.from(auth ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 1 ? null : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

const answerSchema = z.object({ Username: z.string(), Secret: z.string().min(1) });

async function askHelper({ credHelpers, credsStore }: AuthFile, host: string, environment: Environment): Promise<Credentials | null> {
  const helper = credHelpers[host] ?? credsStore;
  if (helper === undefined) return null;
  const server = host === DOCKER_HUB ? 'https://index.docker.io/v1/' : host;
  const answer = answerSchema.safeParse(await runHelper(`docker-credential-${helper}`, server, environment));
  if (!answer.success) return null;
  const { Username, Secret } = answer.data;
  return Username === '<token>' ? { identityToken: Secret } : { username: Username, password: Secret };
}

function runHelper(command: string, server: string, environment: Environment): Promise<unknown> {
  return new Promise((resolve) => {
    const child = execFile(command, ['get'], { env: environment, timeout: HELPER_TIMEOUT_MS }, (error, stdout) => {
      try {
        resolve(error === null ? JSON.parse(stdout) : null);
      } catch {
        resolve(null);
      }
    });
    child.stdin?.on('error', () => undefined).end(server);
  });
}
