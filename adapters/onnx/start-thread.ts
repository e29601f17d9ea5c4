import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Failure } from '../../domain/failure.ts';
import type { InferenceAct, InferenceActs, InferenceQuestion, InferenceReply, InferenceThreadData } from './inference-question.ts';

/** A thread in which networks compute. It works on one question at a time. */
export interface InferenceThread {
  /** @throws Failure as the thread does; a copy of any other error that it meets */
  ask<Act extends InferenceAct>(act: Act, input: InferenceActs[Act]['input']): Promise<InferenceActs[Act]['output']>;
  /** Ends the thread, and whatever is open in it, once it has answered what it was asked. */
  close(): Promise<void>;
}

/** Its heap holds little: weights and pictures lie outside. A young generation of the usual size would be most of it. */
const YOUNG_GENERATION_MB = 4;

/** Starts a thread. If it dies, which nothing that it is asked should bring about, the process ends. */
export function startThread(workerData: InferenceThreadData): InferenceThread {
  // Not with the options that this process was started with: some, such as --input-type, are for its entry alone.
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const worker = new Worker(new URL('inference-thread.ts', import.meta.url), { execArgv, workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let questions = 0;

  worker.on('message', (reply: InferenceReply) => {
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.type === 'answer') asked?.resolve(reply.output);
    else asked?.reject(reply.type === 'failed' ? new Failure(reply.kind, reply.message) : reply.error);
  });

  return {
    async ask<Act extends InferenceAct>(act: Act, input: InferenceActs[Act]['input']) {
      const asked = Promise.withResolvers<unknown>();
      const id = (questions += 1);
      waiting.set(id, asked);
      worker.postMessage({ id, act, input } satisfies InferenceQuestion);
      return (await asked.promise) as InferenceActs[Act]['output'];
    },
    async close() {
      await Promise.allSettled([...waiting.values()].map(({ promise }) => promise));
      const ended = once(worker, 'exit');
      await worker.terminate();
      await ended;
    },
  };
}
