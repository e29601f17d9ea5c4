/**
 * The thread in which faces are detected. ONNX Runtime, asked from Node, keeps the thread that asks it busy until it has the
 * answer: here that holds up nobody.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { DetectedFace, RgbPicture } from '../../domain/face.ts';
import { isFailure } from '../../domain/failure.ts';
import { openFaceSession } from './face-session.ts';

export interface FaceThreadData {
  readonly threads: number;
}

export interface Question {
  readonly id: number;
  readonly picture: RgbPicture;
}

export type Reply =
  | { readonly type: 'ready' }
  /** The detector can't be used, and why. */
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'answer'; readonly id: number; readonly faces: DetectedFace[] }
  | { readonly type: 'error'; readonly id: number; readonly error: unknown };

const port = parentPort!;

function reply(message: Reply): void {
  port.postMessage(message);
}

try {
  const { detect } = await openFaceSession(workerData as FaceThreadData);
  let last = Promise.resolve();
  port.on('message', ({ id, picture }: Question) => {
    // One after the other: each has all the threads, and memory for one run is enough.
    last = last.then(async () => {
      try {
        reply({ type: 'answer', id, faces: await detect(picture) });
      } catch (error) {
        reply({ type: 'error', id, error });
      }
    });
  });
  reply({ type: 'ready' });
} catch (error) {
  if (!isFailure(error)) throw error;
  reply({ type: 'failed', message: error.message });
}
