import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { drawPictures } from '../../../cli/reporters/draw-pictures.ts';
import { writeReport } from '../../../cli/reporters/write-report.ts';
import { isFailure } from '../../../domain/failure.ts';
import { useTemporaryDir } from '../../setup/separate-process.ts';
import { toReportedRun } from '../../support/reported-runs.ts';
import { toRunState } from '../../support/run-states.ts';

describe('the report in files', () => {
  const dir = useTemporaryDir();

  it('shows the pictures that lie beside it', async () => {
    const run = toReportedRun();
    const path = await writeReport(join(dir(), 'a/b'), run, await drawPictures(run));
    const shown = [...readFileSync(path, 'utf8').matchAll(/<img src="([^"]+)"/g)].map(([, name]) => name!);
    assert.deepEqual(shown, ['confusion.png', 'curves.png']);
    assert.deepEqual(readdirSync(join(dir(), 'a/b')), ['confusion.png', 'confusion.svg', 'curves.png', 'curves.svg', 'report.md']);
  });

  it('has no pictures of what is not known', async () => {
    const run = toReportedRun({ standing: { status: 'failed', reason: 'x', state: toRunState() }, training: null });
    assert.deepEqual(await drawPictures(run), []);
    assert.doesNotMatch(readFileSync(await writeReport(dir(), run, []), 'utf8'), /<img/);
  });

  it('says where it can\'t be written', async () => {
    writeFileSync(join(dir(), 'a-file'), '');
    await assert.rejects(writeReport(join(dir(), 'a-file'), toReportedRun(), []), (error) => isFailure(error, 'input-invalid') && error.message.includes('--report'));
  });
});
