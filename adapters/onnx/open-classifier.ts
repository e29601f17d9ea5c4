import type { Emotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import type { Classifier } from './create-classifier.ts';
import { createClassifier } from './create-classifier.ts';
import type { Inference } from './start-inference.ts';

let networks = 0;

/**
 * Loads a network as `loadClassifier` does, but into the inference threads. Many images are classified a few at a time, so that others
 * get their turn in between.
 *
 * @throws Failure `data-corrupt` when the bytes are no such network
 */
export function openClassifier(inference: Inference, onnx: Uint8Array, { labels = EMOTIONS }: { readonly labels?: readonly Emotion[] } = {}): Promise<Classifier> {
  return createClassifier(labels, async () => {
    const network = (networks += 1);
    await inference.ask('openNetwork', { network, onnx, side: IMAGE_SIDE });
    return {
      run: (images) => inference.ask('classify', { network, images }),
      async release() {
        await inference.ask('closeNetwork', { network });
      },
    };
  });
}
