import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { findPullRequest } from '../../../adapters/github/pull-request.ts';
import { isFailure } from '../../../domain/failure.ts';
import { useTemporaryDir } from '../../setup/separate-process.ts';

describe('the pull request of a job', () => {
  const dir = useTemporaryDir();
  const event = (text: string) => {
    const path = join(dir(), 'event.json');
    writeFileSync(path, text);
    return path;
  };

  it('is the one of its event', async () => {
    assert.equal(await findPullRequest(event('{"action":"opened","number":12,"pull_request":{"number":12,"title":"x"}}')), 12);
  });

  it('is none after a push', async () => {
    assert.equal(await findPullRequest(event('{"ref":"refs/heads/main"}')), null);
  });

  it('can\'t be told from what is no event', async () => {
    await assert.rejects(findPullRequest(event('no')), (error) => isFailure(error, 'configuration-invalid'));
    await assert.rejects(findPullRequest(join(dir(), 'absent')), (error) => isFailure(error, 'configuration-invalid'));
  });
});
