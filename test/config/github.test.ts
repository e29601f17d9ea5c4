import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { loadConfig } from '../../config/config.ts';

const JOB = { GITHUB_EVENT_PATH: '/event.json', GITHUB_REPOSITORY: 'acme/barometer', GITHUB_WORKFLOW: 'Pipeline', GITHUB_JOB: 'run' };

describe('the settings of a job of GitHub Actions', () => {
  it('let it comment with a token that was handed on, and with no other', () => {
    assert.equal(loadConfig({ ...JOB, GITHUB_TOKEN: 'of the job' }).github.comments, null);
    assert.deepEqual(loadConfig({ ...JOB, BAROMETER_GITHUB_TOKEN: 'a token' }).github.comments, {
      apiUrl: 'https://api.github.com',
      repository: 'acme/barometer',
      token: 'a token',
      eventPath: '/event.json',
      author: 'Pipeline/run',
    });
  });

  it('are nothing anywhere else', () => {
    const { takesSummary, takesOutputs, comments } = loadConfig({ BAROMETER_GITHUB_TOKEN: 'a token' }).github;
    assert.deepEqual([takesSummary, takesOutputs, comments], [false, false, null]);
  });
});
