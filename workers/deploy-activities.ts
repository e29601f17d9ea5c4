import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBuildImageActivities } from '../activities/build-image.ts';
import { createCheckDeploymentActivities } from '../activities/check-deployment.ts';
import { createRollOutActivities } from '../activities/roll-out.ts';
import type { RollOutActivities } from '../activities/roll-out.ts';
import type { Stores } from '../adapters/blob-storage/stores.ts';
import { createImageBuilder } from '../adapters/containers/image-builder.ts';
import { createRegistry } from '../adapters/containers/registry.ts';
import { createGitSource } from '../adapters/git/source.ts';
import { connectCluster } from '../adapters/kubernetes/cluster.ts';
import { createClusterRollout } from '../adapters/kubernetes/cluster-rollout.ts';
import { createReleaseRenderer } from '../adapters/kubernetes/render-release.ts';
import { whyNotRollOut } from '../adapters/kubernetes/why-not.ts';
import { toChildEnvironment } from '../config/child-environment.ts';
import type { Config } from '../config/config.ts';

/** Where this code lies: what is deployed when no other repository is named. */
const OWN_REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

export interface DeployDependencies {
  readonly config: Pick<Config, 'images' | 'cluster' | 'repository' | 'embedded'>;
  readonly stores: Pick<Stores, 'runs' | 'registry'>;
}

/** What the role `deploy` does: from a commit to images, and from an image to pods. */
export function createDeployActivities({ config, stores: { runs, registry: models } }: DeployDependencies) {
  const { images, cluster } = config;
  const environment = toChildEnvironment({});
  const source = createGitSource({
    repository: config.repository ?? OWN_REPOSITORY,
    cacheDirectory: join(config.embedded.stateDir, 'repositories'),
    environment,
  });
  const plainHttpHost = images.plainHttp && images.repository !== null ? images.repository.split('/')[0]! : null;
  const registry = createRegistry({ plainHttpHost, environment });
  const builder = createImageBuilder({ images, environment, registry });

  async function whyNotBuild(): Promise<string | null> {
    if (images.repository === null) return 'BAROMETER_IMAGE_REPOSITORY is not set: it names the place for images, like ghcr.io/acme/barometer.';
    return (await builder.whyNot()) ?? source.whyNot();
  }

  return {
    ...createCheckDeploymentActivities({
      whyNotBuild,
      whyNotRollOut: () => whyNotRollOut(cluster, { environment }),
      images: images.images,
    }),
    ...createBuildImageActivities({ images, registry, source, builder, runs }),
    /** The cluster is connected to when it is needed: a worker serves where there is none, too. */
    rollOut: (async (request) => {
      const { rollOut } = createRollOutActivities({
        cluster: createClusterRollout(connectCluster(cluster), cluster),
        readGolden: async (version) => (await models.read(version, [])).card.golden,
        renderRelease: createReleaseRenderer({ config: cluster, withTree: source.withTree, environment }),
        runs,
      });
      return rollOut(request);
    }) satisfies RollOutActivities['rollOut'],
  };
}
