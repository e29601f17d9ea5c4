import type { Notification } from '../../domain/notification.ts';
import { GIT_SHA } from './models.ts';

/** What is told of a run that has registered a model. */
export function toNotification(overrides: Partial<Notification> = {}): Notification {
  return {
    version: 1,
    id: '20261124T015500Z-1a2b3c4-succeeded-webhook',
    event: 'succeeded',
    at: '2026-11-24T02:10:00.000Z',
    run: { name: '20261124T015500Z-1a2b3c4', workflowId: `pipeline-${GIT_SHA}`, runId: 'a-run', url: 'http://ui.example/namespaces/default/workflows/w/r/history' },
    gitSha: GIT_SHA,
    outcome: 'registered',
    step: null,
    reason: null,
    accuracy: 0.75,
    accuracyInterval: { lower: 0.7, upper: 0.8 },
    champion: { version: 6, accuracy: 0.72, candidateAccuracy: 0.74 },
    model: { name: 'emotions-cnn', version: 7 },
    images: [],
    release: null,
    approval: null,
    ...overrides,
  };
}
