import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ImageConfig } from '../../config/images.ts';
import type { ContainerImage } from '../../domain/container-image.ts';
import { IMAGE_LABELS } from '../../domain/container-image.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { Environment } from './credentials.ts';
import type { ContainerEngine } from './engine.ts';
import { findEngine } from './find-engine.ts';
import { createRedact } from './redact.ts';
import type { Registry } from './registry.ts';

export interface ImageBuild {
  readonly image: ContainerImage;
  /** The tree that is built from; `docker/<image>/Dockerfile` says how. */
  readonly directory: string;
  /** What is pushed. */
  readonly reference: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: Date;
}

export interface ImageBuilderOptions {
  readonly images: ImageConfig;
  /** The engine's environment too: its own variables (BUILDX_BUILDER, BUILDAH_ISOLATION, STORAGE_DRIVER …) mean what they always do. */
  readonly environment: Environment;
  readonly registry: Pick<Registry, 'findImage'>;
}

/** Builds and pushes images with the engine that is configured or found. */
export interface ImageBuilder {
  /**
   * @param onLine told each line of the build's log, without secrets
   * @throws Failure `image-build-failed`, `configuration-invalid` when there is no engine; the signal's reason when aborted
   */
  build(build: ImageBuild, options: { onLine: (line: string) => void; signal: AbortSignal }): Promise<void>;
  /** Null when images can be built; otherwise what is missing, and what to set. */
  whyNot(): Promise<string | null>;
}

export function createImageBuilder({ images, environment, registry }: ImageBuilderOptions): ImageBuilder {
  const { baseImage, buildImage, platforms, plainHttp } = images;
  const find = () => findEngine({ choice: images.engine, platforms, environment });
  return {
    async build({ image, directory, reference, labels, createdAt }, { onLine, signal }) {
      const found = await find();
      if ('whyNot' in found) throw new Failure('configuration-invalid', found.whyNot);
      const npmrc = await findNpmrc(environment);
      const redact = await createRedact(environment, npmrc);
      const tell = (line: string) => onLine(redact(line));
      tell(`${reference} for ${platforms.join(', ')} with ${found.engine.name}`);
      const sbomGenerator = await chooseGenerator(found.engine, tell, signal);
      const build = {
        reference,
        contextDirectory: directory,
        dockerfile: join(directory, 'docker', image, 'Dockerfile'),
        platforms,
        labels,
        buildArgs: {
          ...toCommitArgument(labels),
          ...(baseImage === null ? {} : { BASE_IMAGE: baseImage }),
          ...(buildImage === null ? {} : { BUILD_IMAGE: buildImage }),
        },
        createdAt,
        npmrc,
        plainHttp,
        sbomGenerator,
      };
      await found.engine.build(build, { environment, onLine: tell, signal });
    },
    async whyNot() {
      const found = await find();
      return 'whyNot' in found ? found.whyNot : null;
    },
  };

  /** A list of contents is worth having, not worth failing for. */
  async function chooseGenerator({ name, attests }: ContainerEngine, tell: (line: string) => void, signal: AbortSignal): Promise<string | null> {
    if (!attests) tell(`${name} attaches no provenance and no SBOM; docker buildx would.`);
    if (!attests || images.sbomGenerator === null) return null;
    const why = await whyNotPull(images.sbomGenerator, signal);
    if (why === null) return images.sbomGenerator;
    tell(`No SBOM is attached, for its generator can't be had. ${why} BAROMETER_SBOM_GENERATOR names another one, or "none".`);
    return null;
  }

  async function whyNotPull(reference: string, signal: AbortSignal): Promise<string | null> {
    try {
      return (await registry.findImage(reference, signal)) === null ? `There is no image ${reference}.` : null;
    } catch (error) {
      if (isFailure(error)) return error.message;
      throw error;
    }
  }
}

/** What npm reads for this user: the build may need it to reach a registry of packages. */
async function findNpmrc(environment: Environment): Promise<string | null> {
  const path = environment['NPM_CONFIG_USERCONFIG'] ?? environment['npm_config_userconfig'] ?? join(environment['HOME'] ?? homedir(), '.npmrc');
  return access(path).then(() => path, () => null);
}

/** What runs in an image can't see its labels. */
function toCommitArgument({ [IMAGE_LABELS.revision]: gitSha }: Readonly<Record<string, string>>): { GIT_SHA?: string } {
  return gitSha === undefined ? {} : { GIT_SHA: gitSha };
}
