import { z } from 'zod';

/** A full git commit id: 40 lower-case hexadecimal digits (SHA-1), or 64 (SHA-256 repositories). */
export const gitShaSchema = z
  .string()
  .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'a git-sha is the full commit id: 40 (or 64) lower-case hexadecimal digits');

export type GitSha = z.infer<typeof gitShaSchema>;

/** The first seven digits: what people read; never used as a key on its own. */
export function shortSha(gitSha: GitSha): string {
  return gitSha.slice(0, 7);
}
