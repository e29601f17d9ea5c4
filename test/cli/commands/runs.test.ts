import assert from 'node:assert/strict';
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import { toPerEmotion } from '../../../domain/emotion.ts';
import { toModelCard } from '../../support/models.ts';
import { runBarometer } from '../../support/barometer.ts';
import { findFreePort } from '../../support/free-port.ts';
import { useRunCommands } from '../../support/run-commands.ts';
import type { NamedRun } from '../../support/run-commands.ts';

const COLUMNS = 80;

describe('barometer runs', () => {
  const commands = useRunCommands();
  let good: NamedRun, bad: NamedRun;

  it('says how to start one when there is none', async () => {
    assert.match(await commands.outputOf('runs'), /^There is no run yet\. Start one with `barometer run`\.\n$/);
    assert.deepEqual(JSON.parse(await commands.outputOf('runs', '--json')), []);
    assert.match(await commands.complaintOf('runs', 'show', 'latest'), /no run yet.*barometer run/);
  });

  it('lists runs within 80 columns, the newest first', async () => {
    await commands.withWorkers(
      async () => {
        good = await commands.start();
        await good.handle.result();
        bad = await commands.start({ hyperparameters: { learningRate: 0.5 } });
        await assert.rejects(bad.handle.result());
      },
      {
        trainModel: async ({ spec }) => {
          if (spec.hyperparameters.learningRate === 0.5) throw new Failure('training-failed', 'The loss is not a number. Take a smaller learning rate.');
          return { epochs: 5, bestEpoch: 4, bestValidationAccuracy: 0.6, stoppedEarly: true, imagesPerSecond: 400, resumedFromEpoch: 0, cachedFrom: null };
        },
      },
    );
    await commands.untilListed(bad, "ExecutionStatus = 'Failed'");
    const lines = (await commands.outputOf('runs')).trimEnd().split('\n');
    for (const line of lines) assert.ok(line.length <= COLUMNS, line);
    assert.match(lines[0]!, /^run +status +accuracy +model +time$/);
    assert.match(lines[2]!, new RegExp(`^${bad.runName} +failed at train +[\\d.]+ s$`));
    assert.match(lines[3]!, new RegExp(`^${good.runName} +registered +58\\.0 % +7 +[\\d.]+ s$`));
  });

  it('picks by status, outcome and commit, and says so when none is like that', async () => {
    const listed = z.array(z.looseObject({ runName: z.string(), status: z.string(), url: z.url() }));
    const pick = async (...options: string[]) => listed.parse(JSON.parse(await commands.outputOf('runs', '--json', ...options))).map(({ runName }) => runName);
    assert.deepEqual(await pick('--status', 'failed'), [bad.runName]);
    assert.deepEqual(await pick('--outcome', 'registered'), [good.runName]);
    assert.deepEqual(await pick('--git-sha', good.gitSha.slice(0, 8)), [good.runName]);
    assert.deepEqual(await pick('--limit', '1'), [bad.runName]);
    assert.match(await commands.outputOf('runs', '--status', 'waiting'), /No run is like that/);
    assert.match(await commands.complaintOf('runs', '--git-sha', 'no-such-branch'), /"no-such-branch" names no commit/);
  });

  it('shows a run that failed: where, why, and what to do', async () => {
    const text = await commands.outputOf('runs', 'show', bad.runName);
    assert.match(text, new RegExp(`^Run ${bad.runName}: failed at train\n\n {2}The loss is not a number\\. Take a smaller learning rate\\.\n\n {2}Try again from there: barometer retry ${bad.runName} --from train\n`));
    assert.match(text, /✔ split .*12 to train on/);
    assert.match(text, /✘ train .*see above/);
    assert.match(text, /asked for +.*learningRate 0\.5/);
    assert.match(text, new RegExp(`Temporal +http://\\S+/workflows/${bad.workflowId}/${bad.runId}/history\n +files +http://\\S+/runs/${bad.runName}\n`));
    for (const line of text.split('\n')) assert.ok(line.length <= COLUMNS || line.includes('http://'), line);
  });

  it('shows a run that ended well, as text and as JSON, though no worker is there', async () => {
    const text = await commands.outputOf('runs', 'show', good.gitSha.slice(0, 10));
    assert.match(text, new RegExp(`^Run ${good.runName}: registered\n`));
    assert.match(text, /accuracy +75\.0 % \(95 %: 50\.5 % – 89\.8 %\) of 16 unseen images/);
    assert.match(text, /model +emotions-cnn version 7/);
    assert.match(text, /happy +75\.0 % +75\.0 % +75\.0 % +4/);
    const shape = z.looseObject({ entry: z.looseObject({ runName: z.string() }), state: z.looseObject({ outcome: z.string() }), history: z.looseObject({ attempts: z.record(z.string(), z.int()) }), links: z.strictObject({ temporal: z.url(), folder: z.url() }) });
    const { entry, state, history } = shape.parse(JSON.parse(await commands.outputOf('runs', 'show', good.runName, '--json')));
    assert.deepEqual([entry.runName, state.outcome, history.attempts['train']], [good.runName, 'registered', 1]);
  });

  it('compares two runs', async () => {
    await commands.stores.runs.saveCard(toModelCard({ runName: good.runName, training: { ...toModelCard().training, bestEpoch: 9 } }), { confusion: '<svg/>', reliability: '<svg/>' });
    const text = await commands.outputOf('runs', 'compare', good.runName, bad.runName);
    assert.match(text, /learningRate +0\.002 +0\.5|learningRate +A 0\.002\n +B 0\.5/);
    assert.match(text, /The same: .*split ratio/);
    assert.match(text, /Accuracy can't be compared: not both were measured\./);
    const same = z.looseObject({ differences: z.array(z.unknown()), accuracy: z.looseObject({ recall: z.record(z.string(), z.number()) }) });
    const { differences, accuracy } = same.parse(JSON.parse(await commands.outputOf('runs', 'compare', good.runName, good.runId, '--json')));
    assert.deepEqual(differences, []);
    assert.deepEqual(accuracy.recall, toPerEmotion(() => 0));
  });

  it('says that no run is meant by a name, and which there are', async () => {
    const text = await commands.complaintOf('runs', 'show', 'no-such-run');
    assert.match(text, /^✘ "no-such-run" names no run/);
    assert.ok(text.includes(good.runName) && text.includes(bad.runName));
  });

  it('says what to do when there is no Temporal server, or not this namespace', async () => {
    const nobody = { ...commands.environment, BAROMETER_TEMPORAL_ADDRESS: `127.0.0.1:${await findFreePort()}` };
    const ends = await Promise.all([['runs'], ['cancel', 'latest'], ['retry', 'latest'], ['approve', 'latest']].map((args) => runBarometer(args, nobody)));
    for (const { exitCode, stderr } of ends) {
      assert.equal(exitCode, 1);
      assert.match(stderr, /There is no Temporal server at .*npm start.*BAROMETER_TEMPORAL_ADDRESS/);
    }
    const elsewhere = { ...commands.environment, BAROMETER_TEMPORAL_NAMESPACE: 'nowhere' };
    for (const { exitCode, stderr } of await Promise.all([['runs'], ['run', '--git-sha', good.gitSha], ['schedule'], ['workers']].map((args) => runBarometer(args, elsewhere)))) {
      assert.equal(exitCode, 1);
      assert.match(stderr, /has no namespace "nowhere".*BAROMETER_TEMPORAL_NAMESPACE/);
      assert.doesNotMatch(stderr, /defect|^ +at /m);
    }
  });
});
