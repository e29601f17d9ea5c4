import { toPinnedReference } from '../../domain/container-image.ts';
import { Failure } from '../../domain/failure.ts';
import type { ClusterObject, Release } from '../../domain/rollout.ts';
import { ROLLOUT_MARKS } from '../../domain/rollout.ts';
import { API } from './names.ts';
import type { Container, Deployment, PodTemplate } from './objects.ts';

/** The setting by which the API is told which version of the model to answer with. */
const MODEL_VERSION = 'BAROMETER_MODEL_VERSION';

/** A rollout keeps what it changes, to restore it: nothing secret may lie there. People install secrets. */
const NEVER_ROLLED_OUT = new Set(['Secret', 'Namespace']);

const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/**
 * Of all that an overlay holds, the objects that a rollout sets: those of the API. The rest is installed by people. The
 * Deployment comes last, when all is there that its pods need.
 *
 * @throws Failure `configuration-invalid` when they are not what a rollout can work with
 */
export function pickApiObjects(rendered: readonly ClusterObject[], namespace: string): ClusterObject[] {
  const objects = rendered.filter(({ kind, metadata }) => metadata.labels?.[API.componentLabel] === API.component && !NEVER_ROLLED_OUT.has(kind));
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  const [deployment] = deployments;
  if (deployment === undefined || deployments.length > 1) {
    throw unusable(`holds ${deployments.length} Deployments with the label ${API.componentLabel}=${API.component}; it must be one`);
  }
  if (deployment.metadata.name !== API.deployment) throw unusable(`calls the API's Deployment ${deployment.metadata.name}; it must be ${API.deployment}`);
  if (!containers(deployment).some(({ name }) => name === API.container)) throw unusable(`has no container ${API.container} in the Deployment ${API.deployment}`);
  const services = objects.filter(({ kind }) => kind === 'Service');
  if (!services.some(({ metadata }) => metadata.name === API.service)) throw unusable(`holds no Service ${API.service} with the label ${API.componentLabel}=${API.component}`);
  const stray = objects.find(({ metadata }) => metadata.namespace !== undefined && metadata.namespace !== namespace);
  if (stray !== undefined) {
    throw unusable(`puts ${stray.kind} ${stray.metadata.name} into the namespace ${stray.metadata.namespace ?? ''}, while BAROMETER_KUBE_NAMESPACE is ${namespace}`);
  }
  return [...objects.filter((object) => object !== deployment), deployment];
}

function unusable(why: string): Failure {
  return new Failure('configuration-invalid', `The kustomize overlay (BAROMETER_KUBE_OVERLAY) ${why}.`);
}

function containers(deployment: ClusterObject): readonly Container[] {
  return (deployment as unknown as Partial<Deployment>).spec?.template.spec.containers ?? [];
}

/** The objects as this release wants them: image and model version pinned, and marks on all that say what they come from. */
export function pinRelease(objects: readonly ClusterObject[], release: Release, runName: string): ClusterObject[] {
  const marks = { [ROLLOUT_MARKS.gitSha]: release.gitSha, [ROLLOUT_MARKS.modelVersion]: String(release.modelVersion) };
  return objects.map((object) => {
    const marked = withMarks(object, { ...marks, [ROLLOUT_MARKS.runName]: runName });
    if (marked.kind !== 'Deployment') return marked;
    const { spec } = marked as unknown as Deployment;
    // Not the run's name: a later run of the same release would exchange every pod for nothing.
    const template = withMarks(toPinned(spec.template, release), marks);
    return { ...marked, spec: { ...spec, template } };
  });
}

function withMarks<T extends { metadata?: ClusterObject['metadata'] | PodTemplate['metadata'] }>(object: T, marks: Readonly<Record<string, string>>): T {
  const labels = Object.fromEntries(Object.entries(marks).filter(([, value]) => LABEL_VALUE.test(value)));
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata?.labels, ...labels }, annotations: { ...metadata?.annotations, ...marks } } };
}

function toPinned(template: PodTemplate, { image, modelVersion }: Release): PodTemplate {
  const pinned = template.spec.containers.map((container) => {
    if (container.name !== API.container) return container;
    const env = (container.env ?? []).filter(({ name }) => name !== MODEL_VERSION);
    return { ...container, image: toPinnedReference(image), env: [...env, { name: MODEL_VERSION, value: String(modelVersion) }] };
  });
  return { ...template, spec: { ...template.spec, containers: pinned } };
}
