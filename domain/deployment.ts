import type { ContainerImage } from './container-image.ts';

/** Whether a step can be done with what is configured and found; if not, what is missing and what to set, in a sentence. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly why: string };

/** What the worker that deploys could do now. */
export interface DeploymentReadiness {
  readonly buildImage: Readiness;
  /** Images that a run builds, in this order. */
  readonly images: readonly ContainerImage[];
  readonly rollOut: Readiness;
}

/** `off` and `on` are meant; `auto` deploys where that is configured and says what is missing where it is not. */
export const DEPLOY_MODES = ['off', 'auto', 'on'] as const;
