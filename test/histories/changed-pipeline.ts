import { toRunName } from '../../domain/names.ts';
import type { PipelineInput } from '../../domain/pipeline.ts';
import { workflowInfo } from '@temporalio/workflow';
import { outputs, split } from '../../workflows/activity-proxies.ts';

/** A pipeline that somebody changed without a thought for the runs that are under way: it begins with another step. */
export async function pipeline({ gitSha, splitRatio: testRatio }: PipelineInput): Promise<void> {
  const runName = toRunName(workflowInfo().startTime, gitSha);
  await split.splitDataset({ runName, gitSha, datasetVersion: await outputs.findNewestDataset(), testRatio });
}
