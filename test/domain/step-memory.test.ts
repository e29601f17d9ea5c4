import assert from 'node:assert/strict';
import { recollectionSchema, toCanonicalJson } from '../../domain/step-memory.ts';

describe('the inputs of a step', () => {
  it('are one text in whatever order they were put together', () => {
    assert.equal(toCanonicalJson({ b: [{ y: 1, x: null }], a: 'ä' }), toCanonicalJson({ a: 'ä', b: [{ x: null, y: 1 }] }));
    assert.equal(toCanonicalJson({ b: 2, a: [1, 'x', null, true] }), '{"a":[1,"x",null,true],"b":2}');
  });

  it('are other ones with another value, another order of a list, or one more', () => {
    const texts = [{ a: 1 }, { a: '1' }, { a: [1, 2] }, { a: [2, 1] }, { a: 1, b: 2 }, { a: { b: 2 } }, {}].map(toCanonicalJson);
    assert.equal(new Set(texts).size, texts.length);
  });

  it('are the same text after they were stored', () => {
    const inputs = { rate: 2e-3, tiny: 1e-7, none: undefined, list: [0.1, -5] };
    assert.equal(toCanonicalJson(JSON.parse(JSON.stringify(inputs))), toCanonicalJson(inputs));
  });
});

describe('what is remembered of a step', () => {
  const recollection = {
    inputs: { images: 'ab', limits: { maxBytes: 1 } },
    output: { name: '20261124T015500Z-1a2b3c4', digest: 'cd' },
    runName: '20261124T015500Z-1a2b3c4',
    gitSha: '1a'.repeat(20),
    createdAt: '2026-11-24T01:55:00.000Z',
  };

  it('survives being written and read', () => {
    assert.deepEqual(recollectionSchema.parse(JSON.parse(JSON.stringify(recollection))), recollection);
  });

  it('is refused without its output, or the commit that made it', () => {
    for (const part of ['output', 'gitSha'] as const) assert.equal(recollectionSchema.safeParse({ ...recollection, [part]: undefined }).success, false);
  });
});
