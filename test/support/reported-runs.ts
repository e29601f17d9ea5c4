import type { RunStanding, ReportedRun } from '../../cli/report/reported-run.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import type { Evaluation } from '../../domain/evaluation.ts';
import { evaluate } from '../../domain/evaluation.ts';
import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState } from '../../domain/run-state.ts';
import type { EpochMetrics } from '../../domain/training.ts';
import { GIT_SHA } from './models.ts';
import { toRunState } from './run-states.ts';

/** Of 10 images for each expression, so many of which are taken for the next one. */
export function toEvaluation(wrongOfTen: number): Evaluation {
  return evaluate(EMOTIONS.flatMap((truth, index) => Array.from({ length: 10 }, (_, image) => ({ truth, answer: image < wrongOfTen ? EMOTIONS[(index + 1) % EMOTIONS.length]! : truth }))));
}

export function toHistory(epochs: number): EpochMetrics[] {
  return Array.from({ length: epochs }, (_, index) => ({
    epoch: index + 1,
    epochs,
    loss: 1 / (index + 1),
    accuracy: 1 - 1 / (index + 2),
    validationLoss: 1.1 / (index + 1),
    validationAccuracy: 1 - 1.1 / (index + 2),
    learningRate: 0.002,
    seconds: 1,
    imagesPerSecond: 400,
  }));
}

/** A run that has registered version 7, which is better than version 6. */
export function toTrainedState(more: Partial<RunState> = {}): RunState {
  const evaluation = toEvaluation(1);
  return {
    ...toRunState({
      ingest: { status: 'succeeded', startedAt: '2026-11-24T01:55:00.000Z', endedAt: '2026-11-24T01:55:04.200Z', note: '40 images' },
      resize: { status: 'succeeded', startedAt: '2026-11-24T01:55:04.200Z', endedAt: '2026-11-24T01:56:05.000Z', note: 'nothing | new', cachedFrom: '20261123T000000Z-9f8e7d6' },
    }),
    outcome: 'registered',
    datasetVersion: 'data',
    splitVersion: 'data.test-0.2',
    accuracy: evaluation.accuracy,
    gate: { passed: true, reason: '90.0 % right where version 6 has 70.0 %, on the same images.' },
    report: { evaluation, champion: { version: 6, evaluation: toEvaluation(3), candidate: evaluation } },
    model: { name: 'emotions-cnn', version: 7, accuracy: evaluation.accuracy },
    images: [{ image: 'api', reference: `ghcr.io/acme/barometer/api:${GIT_SHA}`, digest: `sha256:${'ab'.repeat(32)}`, isNew: true }],
    release: { gitSha: GIT_SHA, modelVersion: 7, image: { reference: `ghcr.io/acme/barometer/api:${GIT_SHA}`, digest: `sha256:${'ab'.repeat(32)}` } },
    ...more,
  };
}

/** That run, or another standing, as a report is made of it. */
export function toReportedRun(more: Partial<ReportedRun> = {}): ReportedRun {
  const standing: RunStanding = { status: 'succeeded', state: toTrainedState() };
  return {
    standing,
    workflowId: `pipeline-${GIT_SHA}`,
    url: 'https://temporal.example/namespaces/default/workflows/a/b/history',
    kubeNamespace: 'barometer',
    attempts: new Map<PipelineStep, number>([['ingest', 1], ['resize', 3]]),
    training: { history: toHistory(5), bestEpoch: 5, parameters: 741_156, seconds: 168 },
    cardUrl: 'https://acme.blob.core.windows.net/models/card.json',
    ...more,
  };
}
