import { z } from 'zod';
import { isFailure } from '../../domain/failure.ts';
import type { RestClient } from './rest-client.ts';

const commentsSchema = z.array(z.object({ id: z.int(), body: z.string().nullish() }));

const PAGE_SIZE = 100;

/** GitHub refuses longer comments. */
const COMMENT_CHARACTERS = 65_536;

export interface ReportComment {
  /** `owner/name`. */
  readonly repository: string;
  readonly pullRequest: number;
  /** Who reports: others' reports on the same pull request are left alone. */
  readonly author: string;
  readonly markdown: string;
}

/** What is left of {@link COMMENT_CHARACTERS} for a report of this author. */
export function toCommentSpace(author: string): number {
  return COMMENT_CHARACTERS - toMarker(author).length - 1;
}

/**
 * Puts a report on a pull request: in place of the one that is there from the same author, else as a new comment.
 *
 * @throws Failure as {@link RestClient} does
 */
export async function putReportComment(request: RestClient, { repository, pullRequest, author, markdown }: ReportComment): Promise<'created' | 'updated'> {
  const marker = toMarker(author);
  const body = `${marker}\n${markdown}`;
  const comments = `/repos/${repository}/issues`;
  for await (const id of findComments(request, `${comments}/${pullRequest}/comments`, marker)) {
    try {
      await request('PATCH', `${comments}/comments/${id}`, { body });
      return 'updated';
    } catch (error) {
      // Anybody can write the marker: what is not ours to change, or is gone meanwhile, is not our comment.
      if (!isFailure(error, 'access-denied') && !isFailure(error, 'not-found')) throw error;
    }
  }
  await request('POST', `${comments}/${pullRequest}/comments`, { body });
  return 'created';
}

async function* findComments(request: RestClient, path: string, marker: string): AsyncGenerator<number> {
  for (let page = 1; ; page += 1) {
    const comments = commentsSchema.parse(await request('GET', `${path}?per_page=${PAGE_SIZE}&page=${page}`));
    for (const { id, body } of comments) if (body?.startsWith(marker) === true) yield id;
    if (comments.length < PAGE_SIZE) return;
  }
}

/** An HTML comment, which nobody sees; it must hold no two hyphens in a row. */
function toMarker(author: string): string {
  return `<!-- barometer report of ${encodeURIComponent(author).replaceAll('-', '%2D')} -->`;
}
