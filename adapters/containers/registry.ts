import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import { toImageLocation } from './reference.ts';
import type { RegistryOptions, RegistrySession } from './registry-session.ts';
import { createRegistrySession } from './registry-session.ts';

/** What a tag of a registry stands for. */
export interface PublishedImage {
  /** `sha256:…` of the index, or of the one manifest. */
  readonly digest: string;
  /** The labels of the image for each platform that there is one for, `linux/amd64`. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Looks into container registries; writes nothing. */
export interface Registry {
  /** Null when there is no such tag. @throws Failure `dependency-unavailable`, `access-denied`, `configuration-invalid`, `data-corrupt` */
  findImage(reference: string, signal?: AbortSignal): Promise<PublishedImage | null>;
  /** Asks for an upload and gives it up at once: better than to learn after the build. @throws Failure as `findImage` */
  checkPush(reference: string, signal?: AbortSignal): Promise<void>;
}

const INDEX_TYPES = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'] as const;
const MANIFEST_TYPES = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'] as const;

const descriptorSchema = z.object({ digest: z.string(), platform: z.object({ os: z.string() }).optional() });
const manifestSchema = z.union([
  z.object({ manifests: z.array(descriptorSchema) }),
  z.object({ config: z.object({ digest: z.string() }) }),
]);
const configurationSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

export function createRegistry(options: RegistryOptions): Registry {
  return {
    async findImage(reference, signal) {
      const location = toImageLocation(reference);
      const session = createRegistrySession(location, options, signal);
      const found = await findManifest(session, location.version, reference);
      if (found === null) return null;
      const { manifest, digest } = found;
      const configurations = 'config' in manifest ? [manifest.config.digest] : await listConfigurations(session, manifest.manifests, reference);
      const labels = await Promise.all(configurations.map((each) => readLabels(session, each, reference)));
      return { digest, labels: new Map(labels) };
    },

    async checkPush(reference, signal) {
      const session = createRegistrySession(toImageLocation(reference), options, signal);
      const { status, headers } = await session.request('blobs/uploads/', { method: 'POST' });
      if (status === 404) throw new Failure('access-denied', `The registry has no place for ${reference}, and makes none: create the repository there, or set BAROMETER_IMAGE_REPOSITORY to another one.`);
      const upload = headers.get('location');
      // An upload that is not given up ends by itself some day.
      if (upload !== null) await session.request(upload, { method: 'DELETE' }).catch(() => undefined);
    },
  };
}

async function findManifest(session: RegistrySession, version: string, reference: string) {
  const { status, bytes } = await session.request(`manifests/${version}`, { accept: [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ') });
  if (status === 404) return null;
  return { manifest: parse(manifestSchema, bytes, reference), digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

/** An index also lists what is no image: provenance and SBOMs, of an unknown platform. */
async function listConfigurations(session: RegistrySession, manifests: readonly z.output<typeof descriptorSchema>[], reference: string): Promise<string[]> {
  const images = manifests.filter(({ platform }) => platform !== undefined && platform.os !== 'unknown');
  return Promise.all(
    images.map(async ({ digest }) => {
      const found = await findManifest(session, digest, reference);
      if (found === null || !('config' in found.manifest)) throw toDamaged(reference);
      return found.manifest.config.digest;
    }),
  );
}

async function readLabels(session: RegistrySession, digest: string, reference: string): Promise<[string, Readonly<Record<string, string>>]> {
  const { status, bytes } = await session.request(`blobs/${digest}`);
  if (status === 404) throw toDamaged(reference);
  const { os, architecture, config } = parse(configurationSchema, bytes, reference);
  return [`${os}/${architecture}`, config?.Labels ?? {}];
}

function parse<T extends z.ZodType>(schema: T, bytes: Buffer, reference: string): z.output<T> {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw toDamaged(reference, error);
  }
}

function toDamaged(reference: string, cause?: unknown): Failure {
  return new Failure('data-corrupt', `What the registry has for ${reference} is damaged, or no container image. Delete that tag in the registry, and run again.`, { cause });
}
