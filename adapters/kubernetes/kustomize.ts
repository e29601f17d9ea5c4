import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import type { ClusterObject } from '../../domain/rollout.ts';
import { clusterObjectSchema } from '../../domain/rollout.ts';

const run = promisify(execFile);

/** Each builds an overlay when its folder is added as the last argument; the first that is found is taken. */
const BUILDERS = [['kubectl', 'kustomize'], ['kustomize', 'build']] as const;
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const WHY_NOT = 'Neither kubectl nor kustomize is installed where the worker runs: one of them is needed to put the manifests together.';

export interface KustomizeOptions {
  /** Where the programs are looked for, and what they see. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** Null when overlays can be built; otherwise what is missing. */
export async function whyNotKustomize({ environment }: KustomizeOptions): Promise<string | null> {
  for (const [program] of BUILDERS) {
    try {
      // A program called kubectl may be something else altogether.
      await run(program, program === 'kubectl' ? ['kustomize', '--help'] : ['version'], { env: { ...environment }, timeout: TIMEOUT_MS });
      return null;
    } catch {
      continue;
    }
  }
  return WHY_NOT;
}

/**
 * The objects of a kustomize overlay.
 *
 * @param folder of the overlay
 * @throws Failure `configuration-invalid` when there is no such folder, no program to build it, or it can't be built;
 *   the signal's reason when aborted
 */
export async function renderOverlay(folder: string, options: KustomizeOptions): Promise<ClusterObject[]> {
  if (!(await isFolder(folder))) {
    throw new Failure('configuration-invalid', 'The commit has no such kustomize overlay: BAROMETER_KUBE_OVERLAY must name a folder of its tree.');
  }
  const text = await build(folder, options);
  try {
    return z.array(clusterObjectSchema).parse(loadAll(text).filter((object) => object !== null));
  } catch (error) {
    throw new Failure('configuration-invalid', 'The kustomize overlay (BAROMETER_KUBE_OVERLAY) holds something that is no Kubernetes object.', { cause: error });
  }
}

async function build(folder: string, { environment, signal }: KustomizeOptions): Promise<string> {
  for (const [program, command] of BUILDERS) {
    signal?.throwIfAborted();
    try {
      const { stdout } = await run(program, [command, folder], { env: { ...environment }, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, ...(signal && { signal }) });
      return stdout;
    } catch (error) {
      signal?.throwIfAborted();
      const { code, stderr } = error as { code?: unknown; stderr?: string };
      if (code === 'ENOENT' || code === 'EACCES') continue;
      throw new Failure('configuration-invalid', `The kustomize overlay (BAROMETER_KUBE_OVERLAY) can't be put together: ${toComplaint(stderr, folder)}`, { cause: error });
    }
  }
  throw new Failure('configuration-invalid', WHY_NOT);
}

/** What the program said, which is about the overlay; where the tree lay meanwhile means nothing to anybody. */
function toComplaint(stderr: string | undefined, folder: string): string {
  const lines = (stderr ?? '').replaceAll(folder, '.').split('\n').map((line) => withoutLogHead(line.trim())).filter((line) => line !== '');
  return lines.join(' ').replace(/^error: /i, '') || 'the program ended without saying why.';
}

/** kubectl logs its complaints: `E1125 14:12:24.199838     921 run.go:72] "command failed" err="…"`. */
function withoutLogHead(line: string): string {
  const [, quoted] = /^[EFW]\d{4} .*\] "[^"]*" err="(.*)"$/.exec(line) ?? [];
  return quoted === undefined ? line : quoted.replaceAll('\\"', '"');
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((stats) => stats.isDirectory(), () => false);
}
