import type { ContainerImage } from '../domain/container-image.ts';
import type { DeploymentReadiness, Readiness } from '../domain/deployment.ts';

export interface CheckDeploymentDependencies {
  /** Null when images can be built and pushed; otherwise what is missing, and what to set. */
  readonly whyNotBuild: () => Promise<string | null>;
  /** The same for the cluster. */
  readonly whyNotRollOut: () => Promise<string | null>;
  readonly images: readonly ContainerImage[];
}

export type CheckDeploymentActivities = ReturnType<typeof createCheckDeploymentActivities>;

export function createCheckDeploymentActivities({ whyNotBuild, whyNotRollOut, images }: CheckDeploymentDependencies) {
  return {
    /** Asked before a run begins, so that a person learns at once, not after an hour's training, what is not set up. */
    async checkDeployment(): Promise<DeploymentReadiness> {
      return { buildImage: toReadiness(await whyNotBuild()), images, rollOut: toReadiness(await whyNotDeploy()) };
    },
  };

  async function whyNotDeploy(): Promise<string | null> {
    if (!images.includes('api')) return 'The image of the API is not among those that are built: add "api" to BAROMETER_IMAGES.';
    return whyNotRollOut();
  }
}

function toReadiness(why: string | null): Readiness {
  return why === null ? { ready: true } : { ready: false, why };
}
