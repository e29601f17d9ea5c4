import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import type { WebhookTarget } from '../../adapters/webhook/targets.ts';
import { createWebhookTargets } from '../../adapters/webhook/targets.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/config.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { Notification } from '../../domain/notification.ts';
import { createEndSignal } from '../end-signal.ts';
import { toJson } from '../output/format.ts';

export function createNotifyCommand(): Command {
  return new Command('notify')
    .summary('tell others what becomes of runs')
    .description('Tells others what becomes of runs, by the webhooks that the settings name.')
    .addCommand(
      new Command('test')
        .summary('send a test to every configured receiver')
        .description('Sends a test to every configured receiver and says what each answered. Fails when one of them did not take it.')
        .option('--json', 'print JSON')
        .action(sendTest),
    );
}

interface Answer {
  readonly target: string;
  readonly taken: boolean;
  readonly answer: string;
}

async function sendTest({ json }: { json?: true }): Promise<void> {
  const config = loadConfig();
  const targets = createWebhookTargets(config.notifications);
  if (targets.length === 0) {
    throw new Failure('configuration-invalid', 'Nobody is told of anything. Set BAROMETER_WEBHOOK_URL with BAROMETER_WEBHOOK_SECRET, or BAROMETER_SLACK_WEBHOOK_URL.');
  }
  const signal = createEndSignal();
  const answers = await Promise.all(targets.map((target) => ask(target, toTestNotification(config), signal)));
  if (json) console.log(toJson(answers));
  else for (const { target, taken, answer } of answers) console.log(`${taken ? '✔' : '✘'} ${target}: ${answer}`);
  if (answers.some(({ taken }) => !taken)) process.exitCode = 1;
}

async function ask(target: WebhookTarget, notification: Notification, signal: AbortSignal): Promise<Answer> {
  try {
    const { status, tookMs } = await target.send(notification, signal);
    return { target: target.name, taken: true, answer: `${status} after ${tookMs} ms` };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { target: target.name, taken: false, answer: error.message };
  }
}

/** Of a run that there is not. */
function toTestNotification({ temporal }: Config): Notification {
  return {
    version: 1,
    id: `test-${randomUUID()}`,
    event: 'test',
    at: new Date().toISOString(),
    run: { name: 'test', workflowId: 'test', runId: 'test', url: `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows` },
    gitSha: '0'.repeat(40),
    outcome: null,
    step: null,
    reason: 'This is a test; no run is meant.',
    accuracy: null,
    accuracyInterval: null,
    champion: null,
    model: null,
    images: [],
    release: null,
    approval: null,
  };
}
