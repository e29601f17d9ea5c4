import { Client, Connection } from '@temporalio/client';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { TemporalAccess } from '../../config/temporal.ts';
import { findObstacle, isRefusal } from './connection-failure.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { toConnectionOptions } from './connection-options.ts';
import { toDataConverter } from './data-converter.ts';

export interface TemporalConnection {
  readonly client: Client;
  readonly connection: Connection;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** For a server that listens and does not answer yet: it is just starting, or busy. */
const PATIENCE_MS = 20_000;

/**
 * Opens a client of the Temporal server.
 *
 * @throws Failure `dependency-unavailable` when there is no server within five seconds, or one that listens does not answer within twenty;
 *   `access-denied` when it turns us away; `configuration-invalid` when certificates can't be used
 */
export async function connectTemporal(access: TemporalAccess, interceptors: readonly WorkflowClientInterceptor[] = []): Promise<TemporalConnection> {
  const connection = await connect(access, await toConnectionOptions(access));
  const client = new Client({ connection, dataConverter: toDataConverter(access.payloadKeys), namespace: access.namespace, interceptors: { workflow: [...interceptors] } });
  return { client, connection, close: () => connection.close() };
}

async function connect(access: TemporalAccess, options: ConnectionOptions): Promise<Connection> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    let connection: Connection | undefined;
    try {
      connection = Connection.lazy({ ...options, connectTimeout: CONNECT_TIMEOUT_MS });
      await connection.ensureConnected();
      await requireAccess(connection, access.namespace);
      return connection;
    } catch (error) {
      await connection?.close();
      const { failure, mayPass } = await findObstacle(error, access, options);
      if (!mayPass || performance.now() >= giveUpAt) throw failure;
    }
  }
}

/** Servers greet everybody: who may not use the namespace is told here, and not in the middle of something. */
async function requireAccess(connection: Connection, namespace: string): Promise<void> {
  try {
    await connection.withDeadline(Date.now() + CONNECT_TIMEOUT_MS, () => connection.workflowService.describeNamespace({ namespace }));
  } catch (error) {
    // Whether it is there is found out by whoever uses it.
    if (isRefusal(error)) throw error;
  }
}
