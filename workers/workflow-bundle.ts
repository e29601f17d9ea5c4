import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';

/** Modules whose interceptors every run of a workflow has. */
const INTERCEPTORS = [fileURLToPath(new URL('../workflows/run-metrics.ts', import.meta.url))];

/** The code of the workflows as their sandbox takes it, with these interceptors beside their own. */
export function bundleWorkflows(interceptorModules: readonly string[] = []): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: [...INTERCEPTORS, ...interceptorModules],
    logger: new DefaultLogger('WARN'),
  });
}
