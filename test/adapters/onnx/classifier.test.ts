import assert from 'node:assert/strict';
import { loadClassifier } from '../../../adapters/onnx/classifier.ts';
import { exportOnnx } from '../../../adapters/tensorflow/onnx-export.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { isFailure } from '../../../domain/failure.ts';
import { drawFaces } from '../tensorflow/drawn-faces.ts';
import { createTrainedWeights } from '../tensorflow/trained-weights.ts';

const bytes = exportOnnx(createTrainedWeights());
const images = drawFaces(20).map(({ pixels }) => pixels);

describe('the classifier', () => {
  it('answers each image with probabilities that sum to one, in order and however many they are', async () => {
    const classifier = await loadClassifier(bytes);
    const answers = await classifier.classify(images);
    assert.equal(answers.length, 80);
    for (const answer of answers) {
      assert.deepEqual(Object.keys(answer), [...EMOTIONS]);
      const sum = EMOTIONS.reduce((total, label) => total + answer[label], 0);
      assert.ok(Math.abs(sum - 1) < 1e-5);
    }
    const [alone] = await classifier.classify([images[70]!]);
    for (const label of EMOTIONS) assert.ok(Math.abs(alone![label] - answers[70]![label]) < 1e-6);
    assert.deepEqual(await classifier.classify([]), []);
    await classifier.close();
  });

  it('gives the same answer to the mirror image', async () => {
    const classifier = await loadClassifier(bytes);
    const [image] = images;
    const mirrored = image!.map((_, index) => image![index - (index % 48) + 47 - (index % 48)]!);
    const [answer, ofMirrored] = await classifier.classify([image!, mirrored]);
    for (const label of EMOTIONS) assert.ok(Math.abs(answer![label] - ofMirrored![label]) < 1e-5);
    await classifier.close();
  });

  it("names its outputs by the model's own order of labels", async () => {
    const [ours, theirs] = await Promise.all([loadClassifier(bytes), loadClassifier(bytes, { labels: ['fearful', 'angry', 'sad', 'happy'] })]);
    const [[a], [b]] = [await ours.classify(images.slice(0, 1)), await theirs.classify(images.slice(0, 1))];
    assert.equal(a!.happy, b!.fearful);
    assert.equal(a!.sad, b!.angry);
    await Promise.all([ours.close(), theirs.close()]);
  });

  it('refuses labels that are not the four', async () => {
    await assert.rejects(loadClassifier(bytes, { labels: ['happy', 'sad', 'angry', 'angry'] }), (error) => isFailure(error, 'data-corrupt'));
  });

  it('refuses bytes that are no network', async () => {
    await assert.rejects(loadClassifier(Buffer.from('not a network')), (error) => isFailure(error, 'data-corrupt'));
    await assert.rejects(loadClassifier(bytes.subarray(0, 1000)), (error) => isFailure(error, 'data-corrupt'));
  });

  it('refuses an image of another size', async () => {
    const classifier = await loadClassifier(bytes);
    await assert.rejects(classifier.classify([new Uint8Array(100)]), (error) => isFailure(error, 'input-invalid'));
    await classifier.close();
  });

  it('finishes what it was asked before it closes, and answers nothing afterwards', async () => {
    const classifier = await loadClassifier(bytes);
    const answer = classifier.classify(images);
    await Promise.all([classifier.close(), classifier.close()]);
    assert.equal((await answer).length, 80);
    await assert.rejects(classifier.classify(images), (error) => isFailure(error, 'model-unavailable'));
  });
});
