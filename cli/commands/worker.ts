import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../../config/config.ts';
import type { WorkerRole } from '../../domain/names.ts';
import { parseWorkerRoles, WORKER_ROLES } from '../../domain/names.ts';
import { createEndSignal } from '../end-signal.ts';

export function createWorkerCommand(): Command {
  return new Command('worker')
    .summary('do the work of runs, in one or more roles')
    .description('Does the work of runs until it is told to end. Each role polls a task queue of its own, so that machines can be chosen for their work: "pipeline" sequences the steps, "data" resizes, evaluates and registers (and wants bandwidth), "train" trains (and wants cores), "deploy" builds images and rolls them out.')
    .addOption(
      new Option('--role <roles>', `what to do, separated by commas: ${WORKER_ROLES.join(', ')}`).argParser(toRoles).default([...WORKER_ROLES], 'all'),
    )
    .action(async ({ role: roles }: { role: WorkerRole[] }) => {
      // Loaded late: the worker's native code is of no use to the other commands.
      const { runWorker, toReadyText } = await import('../../workers/main.ts');
      const config = loadConfig();
      const onReady = () => {
        console.error(toReadyText(roles, config));
      };
      await runWorker({ config, roles, signal: createEndSignal(), onReady });
    });
}

function toRoles(text: string): WorkerRole[] {
  const { roles, unknown } = parseWorkerRoles(text);
  if (unknown.length > 0) throw new InvalidArgumentError(`${unknown.join(', ')} is no role; the roles are ${WORKER_ROLES.join(', ')}.`);
  return roles;
}
