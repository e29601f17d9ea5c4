import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DetectedFace, FaceDetector, RgbPicture } from '../../domain/face.ts';
import { Failure } from '../../domain/failure.ts';
import { LARGEST_SIDE } from './face-session.ts';
import type { FaceThreadData, Question, Reply } from './face-thread.ts';

export interface FaceDetectorOptions {
  /** For one picture; as many as there are processors, up to four, when nothing is said. */
  readonly threads?: number;
}

/** More pay off less and less for a picture of this size. */
const MOST_THREADS = 4;

/**
 * Loads the face detector into a thread of its own and runs it once: it is warm when this resolves. Pictures wait for each
 * other. A thread that dies, which nothing that it is asked should bring about, ends the process.
 *
 * @throws Failure `data-corrupt` when the weights are missing or are not what they should be
 */
export async function loadFaceDetector({ threads = Math.min(availableParallelism(), MOST_THREADS) }: FaceDetectorOptions = {}): Promise<FaceDetector> {
  // Not with the options that this process was started with: some, such as --input-type, are for its entry alone.
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const worker = new Worker(new URL('face-thread.ts', import.meta.url), { execArgv, workerData: { threads } satisfies FaceThreadData });
  const [first] = (await once(worker, 'message')) as [Reply];
  if (first.type === 'failed') {
    await worker.terminate();
    throw new Failure('data-corrupt', first.message);
  }
  const waiting = new Map<number, PromiseWithResolvers<DetectedFace[]>>();
  let questions = 0;
  let isClosed = false;

  worker.on('message', (reply: Reply) => {
    if (reply.type !== 'answer' && reply.type !== 'error') return;
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.type === 'answer') asked?.resolve(reply.faces);
    else asked?.reject(reply.error);
  });

  return {
    largestSide: LARGEST_SIDE,
    async detect(picture) {
      refuseOtherSizes(picture);
      if (isClosed) throw new Failure('model-unavailable', 'The face detector has been closed; ask again.');
      const asked = Promise.withResolvers<DetectedFace[]>();
      const id = (questions += 1);
      waiting.set(id, asked);
      worker.postMessage({ id, picture } satisfies Question);
      return asked.promise;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await Promise.allSettled([...waiting.values()].map(({ promise }) => promise));
      await worker.terminate();
    },
  };
}

function refuseOtherSizes({ width, height, pixels }: RgbPicture): void {
  if (Math.max(width, height) <= LARGEST_SIDE && width > 0 && height > 0 && pixels.length === width * height * 3) return;
  throw new RangeError(`the detector takes pictures of up to ${LARGEST_SIDE} pixels a side, not ${width} x ${height} of ${pixels.length} bytes`);
}
