import type { JobLog } from '../../adapters/github/job-log.ts';
import { SUMMARY_BYTES } from '../../adapters/github/job-log.ts';
import { findPullRequest } from '../../adapters/github/pull-request.ts';
import { putReportComment, toCommentSpace } from '../../adapters/github/report-comment.ts';
import { createRestClient } from '../../adapters/github/rest-client.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import type { Config } from '../../config/config.ts';
import { isWaiting } from '../../domain/approval.ts';
import { isFailure } from '../../domain/failure.ts';
import type { RunState } from '../../domain/run-state.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { createRunLog } from '../output/run-log.ts';
import { toHeadline } from '../report/headline.ts';
import type { PictureAddresses, ReportedRun, RunStanding } from '../report/reported-run.ts';
import { toRunReport } from '../report/run-report.ts';
import type { Picture } from './draw-pictures.ts';
import { drawPictures } from './draw-pictures.ts';
import { gatherReport } from './gather-report.ts';
import { publishPictures } from './publish-pictures.ts';
import type { FollowedRun, RunReporter } from './run-reporter.ts';
import { writeReport } from './write-report.ts';

export interface GithubReporterOptions {
  readonly config: Pick<Config, 'storage' | 'cluster' | 'github'>;
  readonly stores: Pick<Stores, 'blobs' | 'runs'>;
  readonly log: JobLog;
  /** Where the report is written as files, too; null: nowhere. */
  readonly reportDirectory: string | null;
}

/**
 * Tells of a run in a job of GitHub Actions: steps as groups of its log, what is to be acted upon beside the job, the whole as the
 * job's summary and as one comment on the pull request, and what later steps need as outputs. What keeps a report from its place
 * is a warning: it is the run that decides whether the job has failed.
 */
export function createGithubReporter({ config, stores, log, reportDirectory }: GithubReporterOptions): RunReporter {
  const { takesSummary, takesOutputs, comments } = config.github;
  const board = createRunLog(log);
  const outputs = new Map<string, string>();

  function setOutputs(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) {
      // What is said again unchanged would be written again.
      if (!takesOutputs || outputs.get(name) === value) continue;
      outputs.set(name, value);
      log.setOutput(name, value);
    }
  }

  function warn(title: string, text: string): void {
    log.annotate('warning', title, text);
  }

  /** What the work made; null, and a warning, when it failed in an expected way. */
  async function attempt<T>(title: string, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!isFailure(error)) throw error;
      warn(title, error.message);
      return null;
    }
  }

  async function publish(pictures: readonly Picture[], { standing, workflowId }: ReportedRun): Promise<PictureAddresses> {
    const addresses = await attempt('Charts instead of pictures', () => publishPictures(pictures, standing.state?.runName ?? workflowId, config.storage, stores.blobs));
    return addresses ?? { curves: null, confusion: null };
  }

  async function comment(reported: ReportedRun, pictures: PictureAddresses): Promise<void> {
    if (comments === null) return;
    const { author, repository, eventPath } = comments;
    const pullRequest = await findPullRequest(eventPath);
    if (pullRequest === null) return;
    const markdown = toRunReport(reported, pictures, toCommentSpace(author));
    const done = await putReportComment(createRestClient(comments), { repository, pullRequest, author, markdown });
    log.say(`The report is ${done === 'created' ? 'a new comment on' : 'updated in its comment on'} pull request ${pullRequest}.`);
  }

  return {
    started({ workflowId, runId, joined, url }) {
      log.say(`${joined ? 'Joined the run of this commit that is under way' : 'Started'}: ${workflowId}`);
      log.say(`Watch it at ${url}`);
      // At once: a job that is ended from outside does not come to its end.
      setOutputs({ 'workflow-id': workflowId, 'run-id': runId, 'run-url': url });
    },
    show(state) {
      if (state !== null) setOutputs({ 'run-name': state.runName });
      board.show(state);
    },
    async ended(run: FollowedRun, standing) {
      board.end();
      log.say(toHeadline(standing));
      if (standing.status === 'failed') log.annotate('error', toFailureTitle(standing.state), standing.reason);
      if (standing.status === 'cancelled') warn('The run was stopped', standing.reason);
      setOutputs(toOutputs(standing));
      const reported = await gatherReport(run, standing, { config, stores, onMissing: (what) => { log.say(what); } });
      const pictures = await drawPictures(reported);
      const path = reportDirectory === null ? null : await attempt('No report in files', () => writeReport(reportDirectory, reported, pictures));
      if (path !== null) setOutputs({ report: path });
      const addresses = await publish(pictures, reported);
      if (takesSummary) await log.summarise(toRunReport(reported, addresses, SUMMARY_BYTES));
      await attempt('No comment on the pull request', () => comment(reported, addresses));
    },
    // A candidate turned away, or a rollout that a person refused, is a result: later steps have it as an output.
    toExitCode: ({ status }) => (status === 'running' || status === 'succeeded' ? EXIT_CODES.succeeded : EXIT_CODES.failed),
  };
}

function toFailureTitle(state: RunState | null): string {
  const step = state?.steps.find(({ status }) => status === 'failed')?.step;
  return step === undefined ? 'The run failed' : `The step ${step} failed`;
}

function toOutputs(standing: RunStanding): Record<string, string> {
  const { status, state } = standing;
  const underWay = isWaiting(state) ? 'waiting' : 'running';
  return {
    outcome: status === 'succeeded' ? (standing.state.outcome ?? 'completed') : status === 'running' ? underWay : status,
    ...(state === null ? {} : { 'run-name': state.runName }),
    ...(state?.accuracy == null ? {} : { accuracy: String(state.accuracy) }),
    ...(state?.model == null ? {} : { 'model-version': String(state.model.version) }),
  };
}
