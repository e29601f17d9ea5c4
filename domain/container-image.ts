import { z } from 'zod';
import type { GitSha } from './git-sha.ts';

/** The container images of this project; each is built from `docker/<name>/Dockerfile`. */
export const CONTAINER_IMAGES = ['api', 'worker', 'trainer'] as const;
export const containerImageSchema = z.enum(CONTAINER_IMAGES);
export type ContainerImage = z.infer<typeof containerImageSchema>;

export const IMAGE_PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;
export const imagePlatformSchema = z.enum(IMAGE_PLATFORMS);
export type ImagePlatform = z.infer<typeof imagePlatformSchema>;

/** Labels of an image, by the OCI's names (opencontainers/image-spec, annotations.md). */
export const IMAGE_LABELS = {
  created: 'org.opencontainers.image.created',
  revision: 'org.opencontainers.image.revision',
  source: 'org.opencontainers.image.source',
  title: 'org.opencontainers.image.title',
  version: 'org.opencontainers.image.version',
} as const;

/** An index in a registry, of one manifest for each platform. */
export const builtImageSchema = z
  .object({
    image: containerImageSchema,
    /** `registry/repository/image:git-sha`. */
    reference: z.string(),
    /** `sha256:…` of the index. */
    digest: z.string(),
    /** False when the registry had it already. */
    isNew: z.boolean(),
  })
  .readonly();
export type BuiltImage = z.infer<typeof builtImageSchema>;

/** `ghcr.io/acme/barometer/api:<git-sha>`. */
export function toImageReference(repository: string, image: ContainerImage, gitSha: GitSha): string {
  return `${repository}/${image}:${gitSha}`;
}

/** A reference that can never mean other bytes: the tag for people, the digest for machines. */
export function toPinnedReference({ reference, digest }: Pick<BuiltImage, 'reference' | 'digest'>): string {
  return `${reference}@${digest}`;
}
