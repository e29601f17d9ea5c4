import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import type { TemporalAccess } from '../../config/temporal.ts';
import { Failure } from '../../domain/failure.ts';
import { GRPC_STATUS } from './grpc-status.ts';

/**
 * What went wrong with a request to the server, for people: no such namespace, no answer, not allowed. Anything else is
 * handed back as it came.
 */
export function toServiceFailure(error: unknown, { address, namespace }: Pick<TemporalAccess, 'address' | 'namespace'>): unknown {
  if (error instanceof NamespaceNotFoundError) {
    return new Failure('configuration-invalid', `The Temporal server at ${address} has no namespace "${namespace}". Set BAROMETER_TEMPORAL_NAMESPACE to one that it has, or have it created.`, { cause: error });
  }
  const cause = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause)) return error;
  switch (cause.code as number) {
    case GRPC_STATUS.unavailable:
    case GRPC_STATUS.deadlineExceeded:
      return new Failure('dependency-unavailable', `The Temporal server at ${address} did not answer. Try again; if that goes on, see whether it runs.`, { cause: error });
    case GRPC_STATUS.permissionDenied:
      return new Failure('access-denied', `The Temporal server at ${address} does not let us do this in the namespace "${namespace}". Ask who runs it for the right.`, { cause: error });
    case GRPC_STATUS.invalidArgument:
      return new Failure('configuration-invalid', `The Temporal server at ${address} does not understand what it is asked. If the namespace "${namespace}" has no search attributes of Barometer yet, start a worker once, or create them as docs/operations.md says.`, { cause: error });
    default:
      return error;
  }
}
