import { isGrpcServiceError } from '@temporalio/client';
import type { TemporalAccess } from '../../config/temporal.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { GRPC_STATUS } from './grpc-status.ts';
import type { NoConnection } from './why-no-connection.ts';
import { whyNoConnection } from './why-no-connection.ts';

/** Whether the server answered, and turned us away. */
export function isRefusal(error: unknown): boolean {
  const status = toGrpcStatus(error);
  return status === GRPC_STATUS.permissionDenied || status === GRPC_STATUS.unauthenticated;
}

export interface Obstacle {
  /** Says what it is, and what to do about it; secrets and the vendor's words are left out. */
  readonly failure: Failure;
  /** What is there listens, and says nothing that stands in the way: it may yet turn out to be the server. */
  readonly mayPass: boolean;
}

/** What stands between us and the server. */
export async function findObstacle(error: unknown, access: TemporalAccess, options: ConnectionOptions): Promise<Obstacle> {
  if (isFailure(error)) return { failure: error, mayPass: false };
  const cause = { cause: error };
  if (isRefusal(error)) return { failure: new Failure('access-denied', toRefusal(access), cause), mayPass: false };
  const reason = await whyNoConnection(options);
  const { kind, message } = REASONS[reason];
  return { failure: new Failure(kind, message(access.address), cause), mayPass: reason === 'unclear' };
}

function toGrpcStatus(error: unknown): number | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (isGrpcServiceError(each)) return each.code;
  }
  return null;
}

function toRefusal({ address, namespace, tls = null, apiKey = null }: TemporalAccess): string {
  const shown = [
    ...(apiKey === null ? [] : ['BAROMETER_TEMPORAL_API_KEY (is it the key of this namespace, and not expired?)']),
    ...(tls?.client == null ? [] : ['BAROMETER_TEMPORAL_TLS_CERT (may it use this namespace?)']),
  ];
  const check = shown.length === 0 ? 'It wants to know who comes: set BAROMETER_TEMPORAL_API_KEY, or BAROMETER_TEMPORAL_TLS_CERT and BAROMETER_TEMPORAL_TLS_KEY.' : `Check ${shown.join(', ')}.`;
  return `The Temporal server at ${address} does not let us use the namespace "${namespace}". ${check} BAROMETER_TEMPORAL_NAMESPACE must be the full name.`;
}

const REASONS: Readonly<Record<NoConnection, { kind: 'dependency-unavailable' | 'access-denied' | 'configuration-invalid'; message: (address: string) => string }>> = {
  'nobody-listens': {
    kind: 'dependency-unavailable',
    message: (address) => `There is no Temporal server at ${address}. Start the embedded one with \`npm start\`, or set BAROMETER_TEMPORAL_ADDRESS.`,
  },
  'tls-wanted': {
    kind: 'configuration-invalid',
    message: (address) => `The server at ${address} speaks TLS only: set BAROMETER_TEMPORAL_TLS=true, and BAROMETER_TEMPORAL_TLS_CA where its authority is your own.`,
  },
  'tls-unknown': {
    kind: 'configuration-invalid',
    message: (address) => `The server at ${address} does not speak TLS, which the settings ask for. Is it the right port? Else leave out BAROMETER_TEMPORAL_TLS and what turns it on.`,
  },
  'server-untrusted': {
    kind: 'configuration-invalid',
    message: (address) => `The certificate of the Temporal server at ${address} can't be trusted: it has expired, or another authority has signed it. Give the authority's certificate in BAROMETER_TEMPORAL_TLS_CA.`,
  },
  'server-misnamed': {
    kind: 'configuration-invalid',
    message: (address) => `The certificate of the Temporal server at ${address} is for another name. Give the name that is in it in BAROMETER_TEMPORAL_TLS_SERVER_NAME.`,
  },
  'client-refused': {
    kind: 'access-denied',
    message: (address) => `The Temporal server at ${address} asks for a client certificate and does not take ours. Check BAROMETER_TEMPORAL_TLS_CERT and BAROMETER_TEMPORAL_TLS_KEY: are they there, not expired, and signed by the authority that the server knows?`,
  },
  'client-unusable': {
    kind: 'configuration-invalid',
    message: () => 'The certificates for Temporal can\'t be used. Check BAROMETER_TEMPORAL_TLS_CA, BAROMETER_TEMPORAL_TLS_CERT and BAROMETER_TEMPORAL_TLS_KEY: are they whole, and is the key the one of the certificate, without a passphrase?',
  },
  unclear: {
    kind: 'dependency-unavailable',
    message: (address) => `What listens at ${address} does not answer as a Temporal server does. Is BAROMETER_TEMPORAL_ADDRESS that of its frontend (usually port 7233)?`,
  },
};
