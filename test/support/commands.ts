import assert from 'node:assert/strict';
import { after, afterEach } from 'mocha';
import type { RunningCommand } from './barometer.ts';
import { startBarometer } from './barometer.ts';
import { until } from './until.ts';

export interface Commands {
  /** Starts a `barometer` command, and waits until it says that it is ready. */
  start(args: readonly string[], environment: Readonly<Record<string, string>>, sign: string): Promise<RunningCommand>;
  /** Starts a worker, of all roles when none are said, and waits until it polls. */
  startWorker(environment: Readonly<Record<string, string>>, roles?: string): Promise<RunningCommand>;
  /** Has a command ended with the others. */
  keep(command: RunningCommand): void;
}

const START_LIMIT_MS = 120_000;

/**
 * Commands that end with the test that started them or, where a suite shares them, with the suite. Said before the servers that
 * they talk to, they end before these: hooks run in the order in which they are said.
 */
export function useCommands({ endAfter = 'each' }: { readonly endAfter?: 'each' | 'all' } = {}): Commands {
  const started: RunningCommand[] = [];
  const hook = endAfter === 'each' ? afterEach : after;

  hook('end the commands that were started', async () => {
    for (const command of started.splice(0)) await command.stop();
  });

  async function start(args: readonly string[], environment: Readonly<Record<string, string>>, sign: string): Promise<RunningCommand> {
    const command = startBarometer(args, environment);
    started.push(command);
    await until(() => command.output().includes(sign) || command.process.exitCode !== null, START_LIMIT_MS);
    assert.equal(command.process.exitCode, null, command.output());
    return command;
  }

  return {
    start,
    startWorker: (environment, roles = 'pipeline,data,train,deploy') => start(['worker', '--role', roles], environment, 'Worker ready'),
    keep(command) {
      started.push(command);
    },
  };
}
