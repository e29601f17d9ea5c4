/** Where training can run: on the worker's own machine, or as jobs in an Azure ML workspace. */
export const COMPUTE_KINDS = ['local', 'azure-ml'] as const;
export type ComputeKind = (typeof COMPUTE_KINDS)[number];
