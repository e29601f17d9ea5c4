import { availableParallelism } from 'node:os';
import { Failure } from '../../domain/failure.ts';
import type { InferenceAct, InferenceActs } from './inference-question.ts';
import type { InferenceThread } from './start-thread.ts';
import { startThread } from './start-thread.ts';

/** The threads in which networks compute, so that they hold up nobody else. */
export interface Inference {
  /** @throws Failure as the threads do; a copy of any other error that they meet; Failure `model-unavailable` once it is closed */
  ask<Act extends InferenceAct>(act: Act, input: InferenceActs[Act]['input']): Promise<InferenceActs[Act]['output']>;
  /** Ends the threads, and whatever is open in them, once they have answered what they were asked. */
  close(): Promise<void>;
}

export interface InferenceOptions {
  /** So many processors look for faces; as many as this process may use, up to four, when nothing is said. */
  readonly processors?: number;
  /** In which expressions are told side by side; one for each processor when nothing is said. */
  readonly threads?: number;
}

/** More pay off less and less for pictures of these sizes. */
const MOST_PROCESSORS = 4;

/**
 * Which threads a question is for. An expression is told fastest by one thread alone, so that each has all networks and tells those of other
 * requests; a face detector takes a hundred megabytes, so that one thread has it, with all processors.
 */
const REACH: Readonly<Record<InferenceAct, 'all' | 'first' | 'freest'>> = {
  openDetector: 'first',
  detect: 'first',
  openLandmarks: 'all',
  findLandmarks: 'freest',
  openNetwork: 'all',
  classify: 'freest',
  closeNetwork: 'all',
};

/** How long an answer takes, in faces: whoever is looking for faces won't be free soon. */
const BURDEN: Readonly<Record<InferenceAct, number>> = { openDetector: 0, detect: 32, openLandmarks: 0, findLandmarks: 1, openNetwork: 0, classify: 1, closeNetwork: 0 };

export function startInference({ processors = Math.min(availableParallelism(), MOST_PROCESSORS), threads = processors }: InferenceOptions = {}): Inference {
  const all = Array.from({ length: threads }, () => ({ thread: startThread({ processors }), burden: 0 }));
  let closing: Promise<unknown> | null = null;

  function choose(act: InferenceAct): { readonly thread: InferenceThread; burden: number }[] {
    if (REACH[act] === 'all') return all;
    if (REACH[act] === 'first') return all.slice(0, 1);
    return [all.reduce((freest, other) => (other.burden < freest.burden ? other : freest))];
  }

  return {
    async ask<Act extends InferenceAct>(act: Act, input: InferenceActs[Act]['input']) {
      if (closing !== null) throw new Failure('model-unavailable', 'This server is going away; ask again.');
      const answers = await Promise.all(
        choose(act).map(async (chosen) => {
          chosen.burden += BURDEN[act];
          try {
            return await chosen.thread.ask(act, input);
          } finally {
            chosen.burden -= BURDEN[act];
          }
        }),
      );
      return answers[0]!;
    },
    async close() {
      await (closing ??= Promise.all(all.map(({ thread }) => thread.close())));
    },
  };
}

/**
 * Opens something in a thread of its own, which ends when that is closed.
 *
 * @throws what `open` fails with
 */
export async function openAlone<T>(open: (inference: Inference) => Promise<T>, options: Pick<InferenceOptions, 'processors'> = {}): Promise<T & { close(): Promise<void> }> {
  const inference = startInference({ ...options, threads: 1 });
  try {
    return { ...(await open(inference)), close: () => inference.close() };
  } catch (error) {
    await inference.close();
    throw error;
  }
}
