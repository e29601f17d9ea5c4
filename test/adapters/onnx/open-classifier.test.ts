import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { loadClassifier } from '../../../adapters/onnx/classifier.ts';
import { openFaceDetector } from '../../../adapters/onnx/face-detector.ts';
import { openClassifier } from '../../../adapters/onnx/open-classifier.ts';
import type { Inference } from '../../../adapters/onnx/start-inference.ts';
import { startInference } from '../../../adapters/onnx/start-inference.ts';
import { exportOnnx } from '../../../adapters/tensorflow/onnx-export.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { isFailure } from '../../../domain/failure.ts';
import { toOnnxModel } from '../../support/onnx-model.ts';
import { drawFaces } from '../tensorflow/drawn-faces.ts';
import { createTrainedWeights } from '../tensorflow/trained-weights.ts';

const bytes = exportOnnx(createTrainedWeights());
const images = drawFaces(20).map(({ pixels }) => pixels);

describe('the classifier in the inference threads', () => {
  let inference: Inference;

  before(() => {
    inference = startInference();
  });

  after(() => inference.close());

  it('answers as the network does without it, however many images there are', async () => {
    const [plain, classifier] = await Promise.all([loadClassifier(bytes), openClassifier(inference, bytes)]);
    const [expected, answers] = [await plain.classify(images), await classifier.classify(images)];
    assert.equal(answers.length, images.length);
    for (const [index, answer] of answers.entries()) {
      for (const label of EMOTIONS) assert.ok(Math.abs(answer[label] - expected[index]![label]) < 1e-5);
    }
    assert.deepEqual(await classifier.classify([]), []);
    await Promise.all([plain.close(), classifier.close()]);
  });

  it('leaves the event loop free while it computes', async () => {
    const classifier = await openClassifier(inference, bytes);
    const watch = { isOver: false, turns: 0 };
    const answer = classifier.classify(images).finally(() => {
      watch.isOver = true;
    });
    while (!watch.isOver) {
      await turn();
      watch.turns += 1;
    }
    assert.equal((await answer).length, images.length);
    // Asked in this thread, ONNX Runtime lets it turn a few times for each batch.
    assert.ok(watch.turns > 1_000, `${watch.turns} turns`);
    await classifier.close();
  });

  it('lets a single image pass many that came before it', async () => {
    const classifier = await openClassifier(inference, bytes);
    const order: string[] = [];
    await Promise.all([
      classifier.classify(images).then(() => order.push('many')),
      classifier.classify(images.slice(0, 1)).then(() => order.push('one')),
    ]);
    assert.deepEqual(order, ['one', 'many']);
    await classifier.close();
  });

  it('does not wait for whoever looks for faces', async () => {
    const two = startInference({ threads: 2 });
    const [classifier, detector] = await Promise.all([openClassifier(two, bytes), openFaceDetector(two)]);
    const side = detector.largestSide;
    const order: string[] = [];
    await Promise.all([
      detector.detect({ width: side, height: side, pixels: new Uint8Array(side * side * 3) }).then(() => order.push('picture')),
      classifier.classify(images.slice(0, 1)).then(() => order.push('face')),
    ]);
    assert.deepEqual(order, ['face', 'picture']);
    await two.close();
  });

  it('holds several networks at a time, each with its own labels', async () => {
    const [happy, turned] = await Promise.all([openClassifier(inference, toOnnxModel('happy')), openClassifier(inference, toOnnxModel('happy'), { labels: ['fearful', 'angry', 'sad', 'happy'] })]);
    const [[ours], [theirs]] = await Promise.all([happy.classify(images.slice(0, 1)), turned.classify(images.slice(0, 1))]);
    assert.equal(ours!.happy, theirs!.fearful);
    await happy.close();
    assert.equal((await turned.classify(images.slice(0, 2))).length, 2, 'the other one goes on');
    await turned.close();
  });

  it('refuses what is no network, wrong labels, and images of another size, and goes on', async () => {
    await assert.rejects(openClassifier(inference, Buffer.from('not a network')), (error) => isFailure(error, 'data-corrupt'));
    await assert.rejects(openClassifier(inference, bytes, { labels: ['happy', 'sad', 'angry', 'angry'] }), (error) => isFailure(error, 'data-corrupt'));
    const classifier = await openClassifier(inference, bytes);
    await assert.rejects(classifier.classify([new Uint8Array(100)]), (error) => isFailure(error, 'input-invalid'));
    assert.equal((await classifier.classify(images.slice(0, 1))).length, 1);
    await classifier.close();
  });

  it('finishes what it was asked before a network closes, and answers nothing afterwards', async () => {
    const classifier = await openClassifier(inference, bytes);
    const answer = classifier.classify(images);
    await Promise.all([classifier.close(), classifier.close()]);
    assert.equal((await answer).length, images.length);
    await assert.rejects(classifier.classify(images), (error) => isFailure(error, 'model-unavailable'));
  });

  it('is answered before its thread ends, and not afterwards', async () => {
    const other = startInference({ processors: 1 });
    const classifier = await openClassifier(other, toOnnxModel('sad'));
    const answer = classifier.classify(images.slice(0, 1));
    await Promise.all([other.close(), other.close()]);
    assert.equal((await answer).length, 1);
    await assert.rejects(classifier.classify(images.slice(0, 1)), (error) => isFailure(error, 'model-unavailable'));
  });
});
