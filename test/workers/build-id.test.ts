import assert from 'node:assert/strict';
import { isFailure } from '../../domain/failure.ts';
import { readBuildId } from '../../workers/build-id.ts';
import type { TestRepository } from '../support/git-repository.ts';
import { createTestRepository } from '../support/git-repository.ts';

const GIT_SHA = 'ab'.repeat(20);

describe('the version of a worker', () => {
  let repository: TestRepository;

  beforeEach(() => {
    repository = createTestRepository();
  });

  afterEach(() => {
    repository.remove();
  });

  it('is the commit that its code is at', async () => {
    const commit = repository.commit({ 'a.ts': '1', '.gitignore': 'state' });
    repository.write({ 'state/log': 'of no matter' });
    assert.equal(await readBuildId({ gitSha: null }, repository.directory), commit);
  });

  for (const [what, files] of [['changed', { 'a.ts': '2' }], ['new', { 'b.ts': '1' }]] as const) {
    it(`is none with a ${what} file that is in no commit`, async () => {
      const commit = repository.commit({ 'a.ts': '1' });
      repository.write(files);
      await assert.rejects(readBuildId({ gitSha: null }, repository.directory), (error) => {
        assert.ok(isFailure(error, 'configuration-invalid'));
        assert.match(error.message, new RegExp(`uncommitted changes.*${commit}.*BAROMETER_GIT_SHA`));
        return true;
      });
    });
  }

  it('is what the settings say, whatever the work tree looks like', async () => {
    repository.write({ 'a.ts': '1' });
    assert.equal(await readBuildId({ gitSha: GIT_SHA }, repository.directory), GIT_SHA);
  });
});
