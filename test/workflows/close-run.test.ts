import assert from 'node:assert/strict';
import type { FiledRun } from '../../domain/filed-run.ts';
import { filedRunSchema } from '../../domain/filed-run.ts';
import { Failure } from '../../domain/failure.ts';
import type { NotificationEvent } from '../../domain/notification.ts';
import { TURNED_AWAY } from '../support/fake-activities.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { useWorkflowRuns } from '../support/workflow-runs.ts';

describe('the end of a run', () => {
  const { run } = useWorkflowRuns();

  async function runAndClose(replaced: Partial<PipelineActivities>): Promise<{ filed: FiledRun[]; announced: NotificationEvent[] }> {
    const filed: FiledRun[] = [];
    const announced: NotificationEvent[] = [];
    await run({}, {
      fileRun: async (each) => { filed.push(each); },
      findTargets: async ({ event }) => {
        announced.push(event);
        return [];
      },
      ...replaced,
    });
    return { filed, announced };
  }

  it('is kept with all that the run found, and announced', async () => {
    const { filed, announced } = await runAndClose({});
    assert.deepEqual(announced, ['succeeded']);
    const [{ status, reason, state, startedAt, endedAt }] = filed as [FiledRun];
    assert.deepEqual([status, reason, state.outcome, state.model?.version], ['succeeded', null, 'registered', 7]);
    assert.ok(startedAt < endedAt);
    assert.deepEqual(filedRunSchema.parse(filed[0]), filed[0]);
  });

  it('is kept with the reason of a failure', async () => {
    const { filed, announced } = await runAndClose({ splitDataset: () => Promise.reject(new Failure('too-few-samples', 'Too few.')) });
    assert.deepEqual(announced, ['failed']);
    assert.deepEqual([filed[0]!.status, filed[0]!.reason], ['failed', 'Too few.']);
  });

  it('says when the gate turned the candidate away', async () => {
    const { announced } = await runAndClose({ evaluateCandidate: async () => TURNED_AWAY });
    assert.deepEqual(announced, ['rejected']);
  });

  it('says which images were used, once the run came to its end', async () => {
    const used: string[] = [];
    const note: PipelineActivities['noteInventoryUsed'] = async ({ inventory }) => { used.push(inventory); };
    await runAndClose({ noteInventoryUsed: note, splitDataset: () => Promise.reject(new Failure('too-few-samples', 'Too few.')) });
    assert.deepEqual(used, []);
    const { filed } = await runAndClose({ noteInventoryUsed: note });
    assert.deepEqual(used, [filed[0]!.state.inventory]);
  });

  it('does not fail the run when it can be neither kept nor announced', async () => {
    const away = () => Promise.reject(new Failure('access-denied', 'No.'));
    const end = await run({}, { fileRun: away, findTargets: away, noteInventoryUsed: away });
    assert.equal(end.status, 'succeeded');
  });
});
