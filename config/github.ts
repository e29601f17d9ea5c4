import { z } from 'zod';
import type { Given } from './setting.ts';
import { httpUrl } from './setting.ts';

/** A job of GitHub Actions: what GitHub says of it, by GitHub's own names, and the one thing that the job hands on. */
export const githubSettings = {
  GITHUB_STEP_SUMMARY: z.string().optional(),
  GITHUB_OUTPUT: z.string().optional(),
  /** The event that started the job, as JSON. */
  GITHUB_EVENT_PATH: z.string().optional(),
  GITHUB_API_URL: httpUrl.default('https://api.github.com'),
  /** `owner/name`. */
  GITHUB_REPOSITORY: z.string().optional(),
  /** Who set it off, for decisions about rollouts. */
  GITHUB_ACTOR: z.string().optional(),
  GITHUB_WORKFLOW: z.string().optional(),
  GITHUB_JOB: z.string().optional(),
  /** With it the report is also a comment on the pull request that the job is about. */
  BAROMETER_GITHUB_TOKEN: z.string().optional(),
};

export interface GithubConfig {
  /** Whether the step may leave a summary, and outputs for later steps. */
  readonly takesSummary: boolean;
  readonly takesOutputs: boolean;
  /** A login; null outside of jobs. */
  readonly actor: string | null;
  /** Null: no comments. */
  readonly comments: CommentConfig | null;
}

export interface CommentConfig {
  readonly apiUrl: string;
  readonly repository: string;
  readonly token: string;
  readonly eventPath: string;
  /** By which the comment of this job is told from those of others: `workflow/job`. */
  readonly author: string;
}

export function toGithubConfig(given: Given<typeof githubSettings>): GithubConfig {
  const { GITHUB_REPOSITORY: repository, GITHUB_EVENT_PATH: eventPath, BAROMETER_GITHUB_TOKEN: token } = given;
  const canComment = repository !== undefined && eventPath !== undefined && token !== undefined;
  const author = `${given.GITHUB_WORKFLOW ?? ''}/${given.GITHUB_JOB ?? ''}`;
  return {
    takesSummary: given.GITHUB_STEP_SUMMARY !== undefined,
    takesOutputs: given.GITHUB_OUTPUT !== undefined,
    actor: given.GITHUB_ACTOR ?? null,
    comments: canComment ? { apiUrl: given.GITHUB_API_URL, repository, token: token.trim(), eventPath, author } : null,
  };
}
