import type { BuildImageRequest } from '../../activities/build-image.ts';
import type { RollOutRequest } from '../../activities/roll-out.ts';
import type { DeploymentReadiness } from '../../domain/deployment.ts';
import type { NotificationEvent } from '../../domain/notification.ts';
import { createFakeActivities } from './fake-activities.ts';
import type { PipelineActivities } from './fake-activities.ts';

const READY: DeploymentReadiness = { buildImage: { ready: true }, images: ['api', 'worker'], rollOut: { ready: true } };

export interface DeployingActivities {
  readonly activities: PipelineActivities;
  readonly builds: readonly BuildImageRequest[];
  readonly rollouts: readonly RollOutRequest[];
  /** What somebody was asked to be told of. */
  readonly announced: readonly NotificationEvent[];
}

/** Activities that could deploy, and what they were asked. */
export function createDeployingActivities(readiness: Partial<DeploymentReadiness> = {}): DeployingActivities {
  const builds: BuildImageRequest[] = [];
  const rollouts: RollOutRequest[] = [];
  const announced: NotificationEvent[] = [];
  const fakes = createFakeActivities();
  const activities = createFakeActivities({
    checkDeployment: async () => ({ ...READY, ...readiness }),
    buildImage: async (request) => {
      builds.push(request);
      return fakes.buildImage(request);
    },
    rollOut: async (request) => {
      rollouts.push(request);
      return fakes.rollOut(request);
    },
    findTargets: async (request) => {
      announced.push(request.event);
      return fakes.findTargets(request);
    },
  });
  return { activities, builds, rollouts, announced };
}
