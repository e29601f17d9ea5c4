import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFailure } from '../../domain/failure.ts';
import { gitShaSchema } from '../../domain/git-sha.ts';
import { readOwnCommit } from '../../workers/own-commit.ts';

const GIT_SHA = 'ab'.repeat(20);

describe('the commit of a worker', () => {
  it('is what the settings say, wherever it runs', async () => {
    assert.equal(await readOwnCommit({ gitSha: GIT_SHA }, '/'), GIT_SHA);
  });

  it('is HEAD of the repository that its code lies in', async () => {
    assert.ok(gitShaSchema.safeParse(await readOwnCommit({ gitSha: null })).success);
  });

  it('is asked for where neither is there', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'barometer-no-repository-'));
    try {
      await assert.rejects(readOwnCommit({ gitSha: null }, directory), (error) => isFailure(error, 'configuration-invalid') && /BAROMETER_GIT_SHA/.test(error.message));
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
