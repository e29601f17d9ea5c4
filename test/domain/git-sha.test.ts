import assert from 'node:assert/strict';
import { gitShaSchema, shortSha } from '../../domain/git-sha.ts';

describe('a git-sha', () => {
  it('is a full commit id, of SHA-1 or SHA-256', () => {
    for (const digits of [40, 64]) assert.ok(gitShaSchema.safeParse('a1'.repeat(digits / 2)).success);
  });

  it('is nothing else', () => {
    const others = ['', 'main', 'a1b2c3d', 'A1'.repeat(20), 'g1'.repeat(20), 'a'.repeat(41), `${'a1'.repeat(20)}\n`, ` ${'a1'.repeat(20)}`];
    for (const text of others) assert.equal(gitShaSchema.safeParse(text).success, false, JSON.stringify(text));
  });

  it('is read by its first seven digits', () => {
    assert.equal(shortSha('1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d'), '1a2b3c4');
  });
});
