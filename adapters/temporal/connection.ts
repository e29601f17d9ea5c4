import { Client, Connection } from '@temporalio/client';
import { Failure } from '../../domain/failure.ts';

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
}

export interface TemporalConnection {
  readonly client: Client;
  readonly connection: Connection;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens a client of the Temporal server.
 *
 * @throws Failure `dependency-unavailable` when there is no server within five seconds
 */
export async function connectTemporal({ address, namespace }: TemporalAddress): Promise<TemporalConnection> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT_MS });
    const client = new Client({ connection, namespace });
    return { client, connection, close: () => connection.close() };
  } catch (error) {
    throw new Failure(
      'dependency-unavailable',
      `There is no Temporal server at ${address}. Start the embedded one with \`npm start\`, or set BAROMETER_TEMPORAL_ADDRESS.`,
      { cause: error },
    );
  }
}
