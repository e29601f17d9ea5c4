import assert from 'node:assert/strict';
import { EMOTIONS } from '../../domain/emotion.ts';
import { labelOrderSchema, modelCardSchema, modelManifestSchema } from '../../domain/model.ts';
import { toModelCard, toRegistration } from '../support/models.ts';

describe('the label order of a model', () => {
  it('is the one of this code', () => {
    assert.deepEqual(labelOrderSchema.parse([...EMOTIONS]), [...EMOTIONS]);
  });

  it('is refused when two labels have changed places', () => {
    const { success, error } = labelOrderSchema.safeParse(['happy', 'angry', 'sad', 'fearful']);
    assert.ok(!success);
    assert.match(error.issues[0]!.message, /happy, sad, angry, fearful/);
  });

  it('is refused with a label too few, too many or unknown', () => {
    for (const labels of [EMOTIONS.slice(1), [...EMOTIONS, 'happy'], ['happy', 'sad', 'angry', 'neutral'], []]) {
      assert.equal(labelOrderSchema.safeParse(labels).success, false, labels.join(' '));
    }
  });
});

describe('a model card', () => {
  it('survives being written and read', () => {
    const card = toModelCard();
    assert.deepEqual(modelCardSchema.parse(JSON.parse(JSON.stringify(card))), card);
  });

  it('is refused with another label order, a short git-sha or a confusion matrix of another size', () => {
    const card = toModelCard();
    const bad = [
      { ...card, labels: [...EMOTIONS].reverse() },
      { ...card, gitSha: '1a2b3c4' },
      { ...card, evaluation: { ...card.evaluation, confusion: [[1]] } },
    ];
    for (const each of bad) assert.equal(modelCardSchema.safeParse(each).success, false);
  });
});

describe('a model manifest', () => {
  const manifest = { ...toRegistration().manifest, name: 'm', version: 1, registeredAt: '2026-11-24T02:00:00.000Z', files: [] };

  it('is refused with another label order, or with version 0', () => {
    assert.ok(modelManifestSchema.safeParse(manifest).success);
    assert.equal(modelManifestSchema.safeParse({ ...manifest, labels: [...EMOTIONS].reverse() }).success, false);
    assert.equal(modelManifestSchema.safeParse({ ...manifest, version: 0 }).success, false);
  });
});
