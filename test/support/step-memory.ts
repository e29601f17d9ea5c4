import type { StepMemory } from '../../activities/remembered.ts';
import type { Recollection } from '../../domain/step-memory.ts';

/** Remembers as long as it lives; what it holds can be looked at and deleted. */
export function createShortMemory(): StepMemory & { readonly entries: Map<string, Recollection> } {
  const entries = new Map<string, Recollection>();
  return {
    entries,
    recall: async (step, key) => entries.get(`${step}/${key}`) ?? null,
    async remember(step, key, recollection) {
      entries.set(`${step}/${key}`, recollection);
    },
  };
}
