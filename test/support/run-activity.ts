import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** Runs an activity as a worker would, and keeps what it told of its progress. */
export async function runActivity<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly heartbeats: readonly unknown[] }> {
  const environment = createActivityEnvironment();
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
  return { result: await environment.run(work), heartbeats };
}

/** An activity's surroundings, which can cancel it; silent about the failures that tests provoke. */
export function createActivityEnvironment(): MockActivityEnvironment {
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
}
