import { Context } from '@temporalio/activity';
import { isFailure } from '../domain/failure.ts';
import type { Recollection, RememberedStep, StepInputs } from '../domain/step-memory.ts';
import { toCanonicalJson } from '../domain/step-memory.ts';
import { toDigest } from './content-digest.ts';

export interface StepMemory {
  /** Null when nothing is remembered of these inputs. */
  recall(step: RememberedStep, inputsDigest: string): Promise<Recollection | null>;
  remember(step: RememberedStep, inputsDigest: string, recollection: Recollection): Promise<void>;
}

/** Where a step may take what is made already, and where it says what it has made. Neither can fail a run. */
export interface RememberedWork {
  /**
   * What an earlier run made of these inputs, as `take` finds it.
   *
   * @param take looks at the output where it lies; null, or a failure `not-found` or `data-corrupt`, when it is gone or no
   *   longer what it was
   * @returns null when the work is to be done
   */
  reuse<T>(inputs: StepInputs, take: (former: Recollection) => Promise<T | null>): Promise<T | null>;
  remember(inputs: StepInputs, made: Omit<Recollection, 'inputs' | 'createdAt'>): Promise<void>;
}

export function createRememberedWork(memory: StepMemory, step: RememberedStep): RememberedWork {
  const toKey = (inputs: StepInputs) => toDigest(toCanonicalJson(inputs));

  return {
    async reuse(inputs, take) {
      const former = await attempt('what earlier runs made could not be looked up', () => memory.recall(step, toKey(inputs)));
      if (former === null) return null;
      try {
        const taken = await take(former);
        if (taken === null) tellGone(former);
        return taken;
      } catch (error) {
        if (!isFailure(error, 'not-found') && !isFailure(error, 'data-corrupt')) throw error;
        tellGone(former, error);
        return null;
      }
    },

    async remember(inputs, { output, runName, gitSha }) {
      const recollection = { inputs, output, runName, gitSha, createdAt: new Date().toISOString() };
      await attempt('what was made could not be noted for later runs', () => memory.remember(step, toKey(inputs), recollection));
    },
  };

  function tellGone({ runName, output }: Recollection, error?: unknown): void {
    Context.current().log.info('an earlier output is gone or was changed, and is made again', { step, runName, output: output.name, error });
  }

  async function attempt<T>(warning: string, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!isFailure(error)) throw error;
      Context.current().log.warn(warning, { step, error });
      return null;
    }
  }
}
