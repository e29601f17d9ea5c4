import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { BuiltImage } from '../domain/container-image.ts';
import type { DeploymentReadiness, Readiness } from '../domain/deployment.ts';
import type { Release } from '../domain/rollout.ts';
import { deployment, images, outputs, rollout } from './activity-proxies.ts';
import { holdForDecision } from './approval.ts';
import type { RunRecord, StepOutcome } from './run-record.ts';

const NOBODY_IS_ASKED = 'Nobody is asked.';

/**
 * Asks the worker that deploys what it could do. Null when the run is not to deploy.
 *
 * @throws ApplicationFailure `configuration-invalid` when the run is to deploy by all means and something is missing
 */
export async function planDeployment(run: RunRecord): Promise<DeploymentReadiness | null> {
  const { deploy } = run.state().input;
  if (deploy === 'on') {
    const plan = await deployment.checkDeployment();
    await requireReady(run, 'build-image', plan.buildImage);
    await requireReady(run, 'roll-out', plan.rollOut);
    return plan;
  }
  if (deploy === 'auto') return (await checkIfAnybodyDeploys()) ?? toNothing('No worker of the role "deploy" answered.');
  return null;
}

/**
 * Builds the images of the run's commit, and rolls out the API's with the run's model, or else the latest, once a person
 * has said yes where one is asked.
 */
export async function deploy(run: RunRecord, plan: DeploymentReadiness): Promise<'deployed' | 'not-approved' | 'skipped'> {
  if (!plan.buildImage.ready) {
    run.skip('build-image', plan.buildImage.why);
    skipRollOut(run, plan.rollOut.ready ? 'There is no image to roll out.' : plan.rollOut.why);
    return 'skipped';
  }
  await run.step('build-image', async () => buildImages(run, plan));
  if (!plan.rollOut.ready) {
    skipRollOut(run, plan.rollOut.why);
    return 'skipped';
  }
  if (!(await isLetThrough(run))) {
    run.skip('roll-out', 'It was not approved; what runs stays.');
    return 'not-approved';
  }
  await run.step('roll-out', async () => rollOutApi(run));
  return 'deployed';
}

function skipRollOut(run: RunRecord, why: string): void {
  run.skip('approve', run.state().input.approval ? why : NOBODY_IS_ASKED);
  run.skip('roll-out', why);
}

async function isLetThrough(run: RunRecord): Promise<boolean> {
  if (!run.state().input.approval) {
    run.skip('approve', NOBODY_IS_ASKED);
    return true;
  }
  await run.step('approve', async () => holdForDecision(run));
  return run.state().approval?.decision !== 'rejected';
}

async function buildImages(run: RunRecord, plan: DeploymentReadiness): Promise<StepOutcome> {
  const { runName, gitSha } = run.state();
  const built: BuiltImage[] = [];
  for (const image of plan.images) {
    run.progress('build-image', `${image}, ${built.length + 1} of ${plan.images.length}`);
    built.push(await images.buildImage.executeWithOptions({ summary: image }, [{ runName, gitSha, image }]));
    run.found({ images: [...built] });
  }
  const fresh = built.filter(({ isNew }) => isNew).map(({ image }) => image);
  const kept = built.filter(({ isNew }) => !isNew).map(({ image }) => image);
  const parts = [
    ...(fresh.length === 0 ? [] : [`${fresh.join(', ')} built and pushed`]),
    ...(kept.length === 0 ? [] : [`${kept.join(', ')} in the registry already`]),
  ];
  return { findings: { images: built }, note: parts.join('; ') };
}

async function rollOutApi(run: RunRecord): Promise<StepOutcome> {
  const { runName, gitSha, model, images: built } = run.state();
  const { reference, digest } = built.find(({ image }) => image === 'api')!;
  const modelVersion = model?.version ?? (await outputs.findLatestModel());
  const release: Release = { gitSha, modelVersion, image: { reference, digest } };
  const result = await rollout.rollOut({ runName, ...release });
  const pods = `${result.replicas} pod${result.replicas === 1 ? '' : 's'}`;
  const what = `model version ${modelVersion} on ${pods}, ${result.goldenPredictions} golden predictions right`;
  return { findings: { release }, note: result.changed ? what : `nothing to change: ${what}` };
}

/** A run that nobody asked to deploy doesn't wait for a worker that may never come. */
async function checkIfAnybodyDeploys(): Promise<DeploymentReadiness | null> {
  try {
    return await deployment.checkDeployment.executeWithOptions({ scheduleToCloseTimeout: '30 seconds' }, []);
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause instanceof TimeoutFailure) return null;
    throw error;
  }
}

async function requireReady(run: RunRecord, step: 'build-image' | 'roll-out', readiness: Readiness): Promise<void> {
  if (readiness.ready) return;
  await run.step(step, () => Promise.reject(ApplicationFailure.nonRetryable(readiness.why, 'configuration-invalid')));
}

function toNothing(why: string): DeploymentReadiness {
  return { buildImage: { ready: false, why }, images: [], rollOut: { ready: false, why } };
}
