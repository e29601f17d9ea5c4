import assert from 'node:assert/strict';
import type { PerEmotion } from '../../domain/emotion.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import type { FaceFlaw } from '../../domain/face-quality.ts';
import type { Certainty, FaceClassification } from '../../domain/prediction.ts';
import { toClassification, toLikeliest, toSceneSummary } from '../../domain/prediction.ts';

/** A threshold that every answer passes. */
const ALWAYS = { uncertainBelow: 0 };

describe('a classification', () => {
  it('names the likeliest emotion, and how sure it is', () => {
    const probabilities = { happy: 0.1, sad: 0.2, angry: 0.6, fearful: 0.1 };
    assert.deepEqual(toClassification(probabilities, ALWAYS), { emotion: 'angry', confidence: 0.6, probabilities });
  });

  it('names the last one too', () => {
    assert.equal(toLikeliest({ happy: 0.1, sad: 0.1, angry: 0.1, fearful: 0.7 }), 'fearful');
  });

  it('names the first of equals, so that it is the same every time', () => {
    assert.equal(toLikeliest(toPerEmotion(() => 0.25)), 'happy');
    assert.equal(toLikeliest({ happy: 0.1, sad: 0.4, angry: 0.1, fearful: 0.4 }), 'sad');
  });

  it('is uncertain below the threshold, and keeps its probabilities', () => {
    const probabilities = { happy: 0.1, sad: 0.2, angry: 0.6, fearful: 0.1 };
    assert.deepEqual(toClassification(probabilities, { uncertainBelow: 0.61 }), { emotion: 'uncertain', confidence: 0.6, probabilities });
    assert.equal(toClassification(probabilities, { uncertainBelow: 0.6 }).emotion, 'angry');
  });
});

describe('what faces show together', () => {
  const happy = { happy: 0.8, sad: 0.1, angry: 0.05, fearful: 0.05 };
  const sad = { happy: 0.2, sad: 0.6, angry: 0.1, fearful: 0.1 };

  function toFace(probabilities: PerEmotion, { score = 1, quality = [], certainty = ALWAYS }: { score?: number; quality?: FaceFlaw[]; certainty?: Certainty } = {}): FaceClassification {
    return { ...toClassification(probabilities, certainty), score, quality };
  }

  function assertNear(actual: PerEmotion | null, expected: PerEmotion): void {
    for (const emotion of EMOTIONS) assert.ok(Math.abs(actual![emotion] - expected[emotion]) < 1e-9, `${emotion}: ${actual![emotion]}`);
  }

  it('is the mean of equally good ones, whose likeliest emotion is that of the scene', () => {
    const summary = toSceneSummary([toFace(happy), toFace(sad)], ALWAYS);
    assertNear(summary.probabilities, { happy: 0.5, sad: 0.35, angry: 0.075, fearful: 0.075 });
    assert.equal(summary.emotion, 'happy');
    assert.ok(Math.abs(summary.confidence! - 0.5) < 1e-9);
    assert.deepEqual(summary.counts, { happy: 1, sad: 1, angry: 0, fearful: 0 });
  });

  it('counts a face by its score', () => {
    assertNear(toSceneSummary([toFace(happy, { score: 0.9 }), toFace(sad, { score: 0.3 })], ALWAYS).probabilities, { happy: 0.65, sad: 0.225, angry: 0.0625, fearful: 0.0625 });
  });

  it('counts a face half for each flaw', () => {
    const { probabilities, counts } = toSceneSummary([toFace(happy, { quality: ['small', 'blurred'] }), toFace(sad, { score: 0.75 })], ALWAYS);
    assertNear(probabilities, { happy: 0.35, sad: 0.475, angry: 0.0875, fearful: 0.0875 });
    assert.deepEqual(counts, { happy: 1, sad: 1, angry: 0, fearful: 0 });
  });

  it('counts the faces that are certain, and says how many are not', () => {
    const certainty = { uncertainBelow: 0.7 };
    const { emotion, confidence, counts, uncertainFaces } = toSceneSummary([toFace(happy, { certainty }), toFace(sad, { certainty })], certainty);
    assert.deepEqual({ counts, uncertainFaces }, { counts: { happy: 1, sad: 0, angry: 0, fearful: 0 }, uncertainFaces: 1 });
    assert.equal(emotion, 'uncertain');
    assert.ok(Math.abs(confidence! - 0.5) < 1e-9);
  });

  it('is nothing without faces', () => {
    assert.deepEqual(toSceneSummary([], ALWAYS), { emotion: null, confidence: null, probabilities: null, counts: { happy: 0, sad: 0, angry: 0, fearful: 0 }, uncertainFaces: 0 });
  });
});
