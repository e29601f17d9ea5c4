import { CancelledFailure } from '@temporalio/common';
import type { MetricMeter } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { ResizeActivities } from '../activities/resize.ts';
import type { RollOutActivities } from '../activities/roll-out.ts';
import { isFailure } from '../domain/failure.ts';

type Resized = Awaited<ReturnType<ResizeActivities['resizeBatch']>>;

interface DoneWork {
  /** What the activity returned; undefined when it failed. */
  readonly result: unknown;
  readonly hasFailed: boolean;
  readonly seconds: number;
}

const RESIZE: keyof ResizeActivities = 'resizeBatch';
const ROLL_OUT: keyof RollOutActivities = 'rollOut';

/** What is counted when an activity is done, beside what the SDK counts of every one. */
const RECORDS: Readonly<Record<string, (meter: MetricMeter, work: DoneWork) => void>> = {
  [RESIZE](meter, { result, hasFailed }) {
    if (hasFailed) return;
    const { samples, refused } = result as Resized;
    meter.createCounter('barometer_images_resized', undefined, 'Raw images that became samples.').add(samples);
    meter.createCounter('barometer_images_refused', undefined, 'Raw images that could not be used.').add(refused);
  },
  [ROLL_OUT](meter, { hasFailed, seconds }) {
    const duration = meter.createHistogram('barometer_rollout_duration', 'float', 'seconds', 'Time that a rollout took, undoing it included.');
    duration.record(seconds, { outcome: hasFailed ? 'failed' : 'succeeded' });
  },
};

/** Counts what activities have done, and why they failed, for Prometheus. It is to see Failures before anything translates them. */
export const countWork: ActivityInterceptorsFactory = ({ info, metricMeter }) => ({
  inbound: {
    async execute(input, next) {
      const record = RECORDS[info.activityType];
      const startedAt = performance.now();
      const toSeconds = () => (performance.now() - startedAt) / 1000;
      try {
        const result = await next(input);
        record?.(metricMeter, { result, hasFailed: false, seconds: toSeconds() });
        return result;
      } catch (error) {
        if (error instanceof CancelledFailure) throw error;
        const failures = metricMeter.createCounter('barometer_activity_failures', undefined, 'Attempts of activities that failed, by kind of failure.');
        failures.add(1, { kind: isFailure(error) ? error.kind : 'unexpected' });
        record?.(metricMeter, { result: undefined, hasFailed: true, seconds: toSeconds() });
        throw error;
      }
    },
  },
});
