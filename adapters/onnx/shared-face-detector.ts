import type { FaceDetector } from '../../domain/face.ts';

/** Lends a face detector to whoever is at work with it. */
export type LendFaceDetector = <T>(work: (detector: FaceDetector) => Promise<T>) => Promise<T>;

/**
 * Has a face detector loaded only while somebody works with it: the first to come loads it, all at work at the same time share it, and
 * the last to go closes it. A process that seldom needs one does not hold its memory.
 */
export function shareFaceDetector(load: () => Promise<FaceDetector>): LendFaceDetector {
  let loaded: Promise<FaceDetector> | null = null;
  let users = 0;

  return async (work) => {
    users += 1;
    loaded ??= load();
    const mine = loaded;
    try {
      return await work(await mine);
    } finally {
      users -= 1;
      if (users === 0) {
        loaded = null;
        await mine.then(
          (detector) => detector.close(),
          // Whoever waited for it has heard of that.
          () => undefined,
        );
      }
    }
  };
}
