import { z } from 'zod';
import type { ContainerImage, ImagePlatform } from '../domain/container-image.ts';
import { CONTAINER_IMAGES, containerImageSchema, IMAGE_PLATFORMS, imagePlatformSchema } from '../domain/container-image.ts';
import type { Given } from './setting.ts';
import { list } from './setting.ts';

const CONTAINER_ENGINES = ['buildx', 'buildah', 'podman'] as const;
export type ContainerEngineName = (typeof CONTAINER_ENGINES)[number];

/** Images go to GitHub's registry where no other is named. */
const imageRepository = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?$/, 'give a repository like ghcr.io/acme/barometer, in lower case and without a tag')
  .transform((name) => (/^([^/]*[.:][^/]*|localhost)\//.test(name) ? name : `ghcr.io/${name}`));

/** The container images that are built from a commit. */
export const imageSettings = {
  /** Where images are pushed, `<registry>/<path>`; each image is a repository below it. None are built when not given. */
  BAROMETER_IMAGE_REPOSITORY: imageRepository.optional(),
  BAROMETER_IMAGES: list(containerImageSchema, CONTAINER_IMAGES),
  BAROMETER_IMAGE_PLATFORMS: list(imagePlatformSchema, IMAGE_PLATFORMS),
  /** The first that is found when not given. */
  BAROMETER_CONTAINER_ENGINE: z.enum(CONTAINER_ENGINES).optional(),
  /** What the images are made from; the Dockerfiles' own choice when not given. */
  BAROMETER_BASE_IMAGE: z.string().optional(),
  /** What the build stages run in; the Dockerfiles' own choice when not given. */
  BAROMETER_BUILD_IMAGE: z.string().optional(),
  /** The registry speaks plain HTTP. */
  BAROMETER_REGISTRY_PLAIN_HTTP: z.stringbool().default(false),
  /** The image with which buildx lists what is inside an image; `none` for no such list. */
  BAROMETER_SBOM_GENERATOR: z.string().default('docker/buildkit-syft-scanner:stable-1'),
};

export interface ImageConfig {
  /** Null: no images are built. */
  readonly repository: string | null;
  readonly images: readonly ContainerImage[];
  readonly platforms: readonly ImagePlatform[];
  readonly engine: ContainerEngineName | null;
  readonly baseImage: string | null;
  readonly buildImage: string | null;
  readonly plainHttp: boolean;
  /** Null: no list of an image's contents is attached to it. */
  readonly sbomGenerator: string | null;
}

export function toImageConfig(given: Given<typeof imageSettings>): ImageConfig {
  return {
    repository: given.BAROMETER_IMAGE_REPOSITORY ?? null,
    images: given.BAROMETER_IMAGES,
    platforms: given.BAROMETER_IMAGE_PLATFORMS,
    engine: given.BAROMETER_CONTAINER_ENGINE ?? null,
    baseImage: given.BAROMETER_BASE_IMAGE ?? null,
    buildImage: given.BAROMETER_BUILD_IMAGE ?? null,
    plainHttp: given.BAROMETER_REGISTRY_PLAIN_HTTP,
    sbomGenerator: given.BAROMETER_SBOM_GENERATOR === 'none' ? null : given.BAROMETER_SBOM_GENERATOR,
  };
}
