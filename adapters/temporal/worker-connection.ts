import { NativeConnection } from '@temporalio/worker';
import type { TemporalAccess } from '../../config/temporal.ts';
import { findObstacle } from './connection-failure.ts';
import { toConnectionOptions } from './connection-options.ts';
import { connectTemporal } from './connection.ts';

/**
 * Opens the connection that workers poll by; it is closed by whoever opened it.
 *
 * @throws Failure as `connectTemporal` does
 */
export async function connectWorkers(access: TemporalAccess): Promise<NativeConnection> {
  const options = await toConnectionOptions(access);
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    // Its errors have no codes; a client that tries the same says what is wrong.
    await (await connectTemporal(access)).close();
    throw (await findObstacle(error, access, options)).failure;
  }
}
