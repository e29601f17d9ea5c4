import type { FiledStep, MoodStore } from '../../adapters/blob-storage/mood-store.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import type { Emotion } from '../../domain/emotion.ts';
import type { SeenVenues } from '../../domain/mood.ts';

/** Faces that all show the same. */
export function toFaces(count: number, emotion: Emotion = EMOTIONS[0]) {
  return Array.from({ length: count }, () => ({ emotion, probabilities: toPerEmotion((each) => (each === emotion ? 0.7 : 0.1)) }));
}

/** What is filed in memory, as in storage; while `fault` is set, nothing can be reached. */
export function createMemoryMoodStore() {
  const files = new Map<string, { readonly filed: FiledStep; readonly seen: SeenVenues }>();
  const toKey = ({ step, processId }: FiledStep) => `${step}/${processId}`;
  const store: MoodStore & { fault: Error | null } = {
    fault: null,
    save(filed, seen) {
      if (store.fault !== null) return Promise.reject(store.fault);
      files.set(toKey(filed), { filed, seen: structuredClone(seen) });
      return Promise.resolve();
    },
    async *list(step) {
      if (store.fault !== null) throw store.fault;
      for (const { filed } of [...files.values()].toSorted((a, b) => a.filed.step - b.filed.step)) {
        if (step === undefined || filed.step === step) yield await Promise.resolve(filed);
      }
    },
    find: (filed) => Promise.resolve(files.get(toKey(filed))?.seen ?? null),
    remove: (filed) => Promise.resolve(void files.delete(toKey(filed))),
  };
  return store;
}
