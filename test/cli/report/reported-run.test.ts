import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toRunArgument } from '../../../cli/report/reported-run.ts';
import { toReportedRun } from '../../support/reported-runs.ts';

describe('what a run is called by on the command line', () => {
  it('is its name, or its workflow where no worker has told its name', () => {
    assert.equal(toRunArgument(toReportedRun()), '20261124T015500Z-1a2b3c4');
    assert.match(toRunArgument(toReportedRun({ standing: { status: 'running', state: null } })), /^pipeline-/);
  });
});
