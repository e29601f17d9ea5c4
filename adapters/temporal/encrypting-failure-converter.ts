import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts messages and stack traces of failures into a payload, which is then encrypted like any other. Clients and workers load
 * it by its path, and the workflow sandbox has it in its bundle.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
