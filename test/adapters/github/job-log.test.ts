import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { REPOSITORY } from '../../support/barometer.ts';
import { useTemporaryDir } from '../../setup/separate-process.ts';

describe('the log of a job', () => {
  const dir = useTemporaryDir();

  /** What a process prints that does this with a log: the runner reads its standard output and its files. */
  function run(code: string): string {
    const files = { GITHUB_OUTPUT: join(dir(), 'output'), GITHUB_STEP_SUMMARY: join(dir(), 'summary') };
    for (const file of Object.values(files)) writeFileSync(file, '');
    const script = `import { createJobLog } from './adapters/github/job-log.ts'; const log = createJobLog(); ${code}`;
    return execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script], { cwd: REPOSITORY, encoding: 'utf8', env: { ...process.env, ...files } });
  }

  it('folds lines into groups', () => {
    assert.equal(run(`log.open('train'); log.say('epoch 1'); log.close();`), '::group::train\nepoch 1\n::endgroup::\n');
  });

  it('obeys nothing that is only quoted', () => {
    const said = run(`log.say('::error::no'); log.say('  ::add-mask::x'); log.say('note ##[error]no'); log.say('a\\r\\n::set-output name=x::y'); log.open('a\\n::b::c');`);
    for (const line of said.trimEnd().split('\n')) assert.doesNotMatch(line, /^\s*::(?!group::a ::b::c)|##\[/);
  });

  it('annotates with a title and a text, of which neither can end the command', () => {
    assert.equal(
      run(`log.annotate('notice', 'a, b: c', 'one\\ntwo 5% ::error::no'); log.annotate('error', 't', 'e'); log.annotate('warning', 't', 'w');`),
      '::notice title=a%2C b%3A c::one%0Atwo 5%25 ::error::no\n::error title=t::e\n::warning title=t::w\n',
    );
  });

  it('leaves outputs and a summary in the runner\'s files', () => {
    run(`log.setOutput('run-name', 'a\\nb=c'); await log.summarise('# one'); await log.summarise('# two');`);
    assert.match(readFileSync(join(dir(), 'output'), 'utf8'), /^run-name<<(ghadelimiter_\S+)\r?\na\nb=c\r?\n\1\r?\n$/);
    assert.equal(readFileSync(join(dir(), 'summary'), 'utf8'), '# two\n');
  });
});
