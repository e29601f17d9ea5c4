/**
 * The worker as a program of its own, as the images run it: `node workers/serve.ts --role data,deploy`. Unlike `barometer
 * worker` it needs none of the packages of the command line.
 */
import { parseArgs } from 'node:util';
import { loadConfig } from '../config/config.ts';
import { Failure, isFailure } from '../domain/failure.ts';
import type { WorkerRole } from '../domain/names.ts';
import { parseWorkerRoles, WORKER_ROLES } from '../domain/names.ts';
import { runWorker, toReadyText } from './main.ts';

function toRoles(text = ''): WorkerRole[] {
  const { roles, unknown } = parseWorkerRoles(text);
  if (unknown.length > 0) throw new Failure('input-invalid', `Say what to do, separated by commas: --role ${WORKER_ROLES.join(',')}`);
  return roles;
}

const controller = new AbortController();
// A second signal ends it at once.
const end = () => {
  if (controller.signal.aborted) process.exit(130);
  controller.abort();
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);

try {
  const { values } = parseArgs({ options: { role: { type: 'string' } } });
  const roles = toRoles(values.role);
  const config = loadConfig();
  const onReady = () => { console.error(toReadyText(roles, config)); };
  await runWorker({ config, roles, signal: controller.signal, onReady });
} catch (error) {
  // Being asked to end while starting is no failure.
  const isEnd = controller.signal.aborted && error instanceof Error && error.name === 'AbortError';
  if (!isEnd) console.error(isFailure(error) ? error.message : error);
  process.exit(isEnd ? 0 : 1);
}
