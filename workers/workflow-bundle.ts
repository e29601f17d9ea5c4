import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { BundleOptions, WorkflowBundleWithSourceMap } from '@temporalio/worker';

/** Modules whose interceptors every run of a workflow has. */
const INTERCEPTORS = [fileURLToPath(new URL('../workflows/run-metrics.ts', import.meta.url))];

type BundledConverter = Pick<BundleOptions, 'failureConverterPath'>;

/** The code of the workflows as their sandbox takes it, with these interceptors beside their own, and what turns failures into payloads. */
export function bundleWorkflows(interceptorModules: readonly string[] = [], converter: BundledConverter = {}): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: [...INTERCEPTORS, ...interceptorModules],
    logger: new DefaultLogger('WARN'),
    ...converter,
  });
}
