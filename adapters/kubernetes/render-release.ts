import { join } from 'node:path';
import type { ClusterConfig } from '../../config/cluster.ts';
import type { GitSha } from '../../domain/git-sha.ts';
import type { ClusterObject, Release } from '../../domain/rollout.ts';
import { pickApiObjects, pinRelease } from './api-manifests.ts';
import type { KustomizeOptions } from './kustomize.ts';
import { renderOverlay } from './kustomize.ts';

export interface ReleaseRendererOptions {
  readonly config: Pick<ClusterConfig, 'overlay' | 'namespace'>;
  /** Lends the files of a commit for as long as the work lasts. */
  readonly withTree: <T>(gitSha: GitSha, signal: AbortSignal, work: (tree: { readonly directory: string }) => Promise<T>) => Promise<T>;
  readonly environment: KustomizeOptions['environment'];
}

/**
 * Makes the objects of a release from the manifests of its own commit.
 *
 * The renderer fails with a Failure `configuration-invalid` when the overlay is not one that a rollout can work with, and as
 * `withTree` does.
 */
export function createReleaseRenderer({ config: { overlay, namespace }, withTree, environment }: ReleaseRendererOptions) {
  return async (release: Release, runName: string, signal: AbortSignal): Promise<readonly ClusterObject[]> => {
    const rendered = await withTree(release.gitSha, signal, ({ directory }) => renderOverlay(join(directory, overlay), { environment, signal }));
    return pinRelease(pickApiObjects(rendered, namespace), release, runName);
  };
}
