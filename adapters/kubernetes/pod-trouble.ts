import type { ContainerStatus, Pod } from './objects.ts';

/** Why a pod does not come up, by its own account. */
export interface PodTrouble {
  readonly pod: string;
  readonly container: string;
  /** Kubernetes' own word, such as `ImagePullBackOff`; people look it up. */
  readonly reason: string;
  /** Empty when there is nothing more to say. */
  readonly message: string;
  /** Whether the container has run and ended, so that it has a log. */
  readonly hasRun: boolean;
}

/** What a container can wait for in vain; `ContainerCreating` and `PodInitializing` are the healthy ones. */
const VAIN_WAITS = new Set([
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'ErrImageNeverPull',
  'ErrImagePull',
  'ImageInspectError',
  'ImagePullBackOff',
  'InvalidImageName',
  'PostStartHookError',
  'RunContainerError',
]);

/**
 * What keeps a pod from running, or null when it may yet come up by itself. A container that ended and runs again is in
 * trouble until it is ready: it crashes between two looks, too.
 */
export function toPodTrouble({ metadata, status }: Pod): PodTrouble | null {
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const trouble = toContainerTrouble(container);
    if (trouble !== null) return { pod: metadata.name, container: container.name, ...trouble };
  }
  return null;
}

function toContainerTrouble({ ready, state, lastState, restartCount }: ContainerStatus): Omit<PodTrouble, 'pod' | 'container'> | null {
  if (ready) return null;
  const ended = state?.terminated ?? lastState?.terminated;
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (VAIN_WAITS.has(reason)) {
    return ended === undefined ? { reason, message, hasRun: false } : { reason, message: toEnd(ended, restartCount), hasRun: true };
  }
  if (ended === undefined || ended.exitCode === 0) return null;
  return { reason: ended.reason ?? 'Error', message: toEnd(ended, restartCount), hasRun: true };
}

function toEnd({ exitCode, signal, reason, message }: NonNullable<ContainerStatus['state']>['terminated'] & object, restarts: number): string {
  const how = signal === undefined || signal === 0 ? `exit code ${exitCode}` : `signal ${signal}`;
  const why = reason === undefined || reason === 'Error' ? '' : ` (${reason})`;
  const again = restarts === 0 ? '' : `, restarted ${restarts === 1 ? 'once' : `${restarts} times`}`;
  const words = message === undefined || message.trim() === '' ? '' : `: ${message.trim()}`;
  return `it ended with ${how}${why}${again}${words}`;
}
