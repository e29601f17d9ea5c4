import type { ContainerEngineName } from '../../config/images.ts';
import type { ImagePlatform } from '../../domain/container-image.ts';
import type { Environment } from './credentials.ts';

export interface EngineBuild {
  /** What is pushed: `registry/repository:tag`. */
  readonly reference: string;
  readonly contextDirectory: string;
  readonly dockerfile: string;
  readonly platforms: readonly ImagePlatform[];
  readonly labels: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** The time that files and layers carry, so that the same commit gives the same image. */
  readonly createdAt: Date;
  /** A file that the build may read as the secret `npmrc`. */
  readonly npmrc: string | null;
  /** The registry speaks plain HTTP. */
  readonly plainHttp: boolean;
  /** The image that lists what is inside an image; null: no such list is attached. */
  readonly sbomGenerator: string | null;
}

export interface EngineOptions {
  readonly environment: Environment;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A program that builds container images. It reads the credentials of registries itself, from the standard files. */
export interface ContainerEngine {
  readonly name: ContainerEngineName;
  /** It attaches to an image how it was built, and what is inside. */
  readonly attests: boolean;
  /**
   * Builds an index of an image for each platform, and pushes it under its tag as the last thing; layers of earlier builds
   * are taken from the engine's own store.
   *
   * @throws Failure `image-build-failed`; the signal's reason when aborted, after everything has ended
   */
  build(build: EngineBuild, options: EngineOptions): Promise<void>;
}
