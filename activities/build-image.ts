import type { BuiltImage, ContainerImage, ImagePlatform } from '../domain/container-image.ts';
import { IMAGE_LABELS, toImageReference } from '../domain/container-image.ts';
import { Failure, isFailure } from '../domain/failure.ts';
import type { GitSha } from '../domain/git-sha.ts';
import { shortSha } from '../domain/git-sha.ts';
import { CONTAINERS, runKeys } from '../domain/names.ts';
import { withHeartbeat } from './heartbeat.ts';

export interface BuildImageDependencies {
  readonly images: {
    /** Null: no images are built. */
    readonly repository: string | null;
    readonly platforms: readonly ImagePlatform[];
  };
  readonly registry: {
    /** Null when there is no such tag. */
    findImage(reference: string, signal: AbortSignal): Promise<PublishedImage | null>;
    /** @throws Failure when nothing can be pushed there */
    checkPush(reference: string, signal: AbortSignal): Promise<void>;
  };
  readonly source: {
    /** Lends the files of a commit for as long as the work lasts. @throws Failure `not-found` and others */
    withTree<T>(gitSha: GitSha, signal: AbortSignal, work: (tree: SourceTree) => Promise<T>): Promise<T>;
  };
  readonly builder: {
    /** Builds for every platform and pushes. @throws Failure `image-build-failed` and others; the signal's reason when aborted */
    build(
      build: { image: ContainerImage; directory: string; reference: string; labels: Readonly<Record<string, string>>; createdAt: Date },
      options: { onLine: (line: string) => void; signal: AbortSignal },
    ): Promise<void>;
  };
  readonly runs: {
    saveBuildLog(runName: string, image: ContainerImage, text: string): Promise<void>;
  };
}

export interface PublishedImage {
  readonly digest: string;
  /** For each platform that there is an image for. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

interface SourceTree {
  readonly directory: string;
  readonly committedAt: string;
  readonly version: string | null;
  readonly sourceUrl: string | null;
}

export interface BuildImageRequest {
  readonly runName: string;
  readonly gitSha: GitSha;
  readonly image: ContainerImage;
}

export type BuildImageActivities = ReturnType<typeof createBuildImageActivities>;

/** Enough to see what went wrong, little enough for a history. */
const TAIL_LINES = 15;
const TAIL_LINE_CHARACTERS = 300;
const NOTE_CHARACTERS = 120;

export function createBuildImageActivities({ images, registry, source, builder, runs }: BuildImageDependencies) {
  return {
    /** Builds an image from a commit and pushes it under the commit's name; an image that the registry has is not built again. */
    async buildImage({ runName, gitSha, image }: BuildImageRequest): Promise<BuiltImage> {
      const { repository } = images;
      if (repository === null) throw new Failure('configuration-invalid', 'There is no registry to push images to: set BAROMETER_IMAGE_REPOSITORY.');
      const reference = toImageReference(repository, image, gitSha);
      return withHeartbeat(async (report, signal) => {
        const published = await findOurs(reference, gitSha, signal);
        if (published !== null) return { image, reference, digest: published.digest, isNew: false };

        await registry.checkPush(reference, signal);
        await build({ runName, gitSha, image }, reference, report, signal);
        const pushed = await findOurs(reference, gitSha, signal);
        if (pushed === null) throw new Failure('image-build-failed', `${reference} was pushed, but the registry does not know it. Look at the registry's own log.`);
        return { image, reference, digest: pushed.digest, isNew: true };
      });
    },
  };

  /** What the tag stands for, if that is this commit; a tag is never moved to something else. */
  async function findOurs(reference: string, gitSha: GitSha, signal: AbortSignal): Promise<PublishedImage | null> {
    const published = await registry.findImage(reference, signal);
    if (published === null) return null;
    const advice = 'Delete that tag in the registry to have it built anew, or set BAROMETER_IMAGE_REPOSITORY to another place.';
    for (const [platform, labels] of published.labels) {
      const revision = labels[IMAGE_LABELS.revision];
      if (revision === gitSha) continue;
      const what = revision === undefined ? 'does not say what it was built from' : `was built from something else (${revision})`;
      throw new Failure('configuration-invalid', `${reference} exists, but its image for ${platform} ${what}. ${advice}`);
    }
    const missing = images.platforms.filter((platform) => !published.labels.has(platform));
    if (missing.length > 0) throw new Failure('configuration-invalid', `${reference} exists, but not for ${missing.join(', ')}. ${advice}`);
    return published;
  }

  async function build({ runName, gitSha, image }: BuildImageRequest, reference: string, report: (details: unknown) => void, signal: AbortSignal): Promise<void> {
    const log: string[] = [];
    const onLine = (line: string) => {
      log.push(line);
      if (line.trim() !== '') report({ note: `${image}: ${line.trim()}`.slice(0, NOTE_CHARACTERS) });
    };
    const saveLog = () => runs.saveBuildLog(runName, image, log.map((line) => `${line}\n`).join(''));
    report({ note: `${image}: checking out ${shortSha(gitSha)}` });
    try {
      await source.withTree(gitSha, signal, (tree) =>
        builder.build({ image, directory: tree.directory, reference, labels: toLabels(image, gitSha, tree), createdAt: new Date(tree.committedAt) }, { onLine, signal }),
      );
    } catch (error) {
      // What went wrong with the build matters more than that its log could not be kept.
      await saveLog().catch(() => undefined);
      throw isFailure(error, 'image-build-failed') ? await explain(error, { runName, gitSha, image }, reference, log, signal) : error;
    }
    await saveLog();
  }

  /** An engine does not tell a broken Dockerfile from a registry that has gone away; the registry does. */
  async function explain(error: Failure, { runName, image }: BuildImageRequest, reference: string, log: readonly string[], signal: AbortSignal): Promise<Failure> {
    try {
      await registry.checkPush(reference, signal);
    } catch (refusal) {
      if (isFailure(refusal)) return refusal;
      throw refusal;
    }
    const tail = log.filter((line) => line.trim() !== '').slice(-TAIL_LINES).map((line) => `  ${line.slice(0, TAIL_LINE_CHARACTERS)}`);
    const where = `The whole log is in ${CONTAINERS.runs}/${runKeys.buildLog(runName, image)}.`;
    return new Failure('image-build-failed', [`The image ${image} could not be built: ${error.message} ${where} Its last lines:`, ...tail].join('\n'), { cause: error });
  }
}

function toLabels(image: ContainerImage, gitSha: GitSha, { committedAt, version, sourceUrl }: SourceTree): Record<string, string> {
  return {
    [IMAGE_LABELS.title]: `barometer-${image}`,
    [IMAGE_LABELS.revision]: gitSha,
    // The commit's time, not the clock's: the same commit gives the same image.
    [IMAGE_LABELS.created]: committedAt,
    ...(version === null ? {} : { [IMAGE_LABELS.version]: version }),
    ...(sourceUrl === null ? {} : { [IMAGE_LABELS.source]: sourceUrl }),
  };
}
