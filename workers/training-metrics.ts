import { metricMeter } from '@temporalio/activity';
import type { TrainingCompute } from '../activities/train.ts';
import type { PipelineInput } from '../domain/pipeline.ts';

/** Counts, for Prometheus, what a compute says that it has trained. */
export function countTraining(kind: PipelineInput['compute'], compute: TrainingCompute): TrainingCompute {
  return {
    run(spec, options) {
      // Taken here: what is said later comes from outside of the activity's context.
      const meter = metricMeter.withTags({ compute: kind });
      const epochs = meter.createCounter('barometer_training_epochs', undefined, 'Epochs trained.');
      const images = meter.createCounter('barometer_training_images', undefined, 'Images that networks were trained on, every epoch anew.');
      const onEvent: typeof options.onEvent = (event) => {
        if (event.type === 'epoch') {
          epochs.add(1);
          images.add(Math.round(event.metrics.imagesPerSecond * event.metrics.seconds));
        }
        options.onEvent(event);
      };
      return compute.run(spec, { ...options, onEvent });
    },
    end: (spec) => compute.end(spec),
  };
}
