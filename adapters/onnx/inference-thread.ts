/**
 * A thread in which networks compute. ONNX Runtime, asked from Node, keeps the thread that asks it busy until it has the answer: here
 * that holds up nobody. Little is loaded here, for each thread loads it again.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { isFailure } from '../../domain/failure.ts';
import type { FaceSession } from './face-session.ts';
import { openFaceSession } from './face-session.ts';
import { createFairQueue } from './fair-queue.ts';
import type { InferenceAct, InferenceActs, InferenceQuestion, InferenceReply, InferenceThreadData } from './inference-question.ts';
import type { LandmarkSession } from './landmark-session.ts';
import { openLandmarkSession } from './landmark-session.ts';
import type { NetworkSession } from './network-session.ts';
import { openNetworkSession } from './network-session.ts';

type Answers = { readonly [Act in InferenceAct]: (input: InferenceActs[Act]['input']) => Promise<InferenceActs[Act]['output']> };

const port = parentPort!;
const { processors } = workerData as InferenceThreadData;
const networks = new Map<number, NetworkSession>();
let detector: FaceSession | undefined;
let landmarks: LandmarkSession | undefined;

const answers: Answers = {
  async openDetector({ onnx }) {
    detector = await openFaceSession(onnx, { threads: processors });
    return null;
  },
  detect: (picture) => detector!.detect(picture),
  async openLandmarks({ onnx }) {
    landmarks = await openLandmarkSession(onnx);
    return null;
  },
  findLandmarks: ({ faces }) => landmarks!.find(faces),
  async openNetwork({ network, onnx, side }) {
    networks.set(network, await openNetworkSession(onnx, { side, threads: 1 }));
    return null;
  },
  classify: ({ network, images }) => networks.get(network)!.run(images),
  async closeNetwork({ network }) {
    await networks.get(network)!.release();
    networks.delete(network);
    return null;
  },
};

async function answer({ id, act, input }: InferenceQuestion): Promise<InferenceReply> {
  try {
    return { type: 'answer', id, output: await answers[act](input as never) };
  } catch (error) {
    return isFailure(error) ? { type: 'failed', id, kind: error.kind, message: error.message } : { type: 'error', id, error };
  }
}

// A face is told in milliseconds, a scene searched in tens of them: neither kind keeps the other from its turn.
const questions = createFairQueue<InferenceQuestion>();
let isWorking = false;

/** One after the other: memory for one run is enough. */
async function work(): Promise<void> {
  if (isWorking) return;
  isWorking = true;
  for (let next = questions.take(); next !== undefined; next = questions.take()) {
    const startedAt = performance.now();
    port.postMessage(await answer(next.work));
    next.spent(performance.now() - startedAt);
    // What was asked meanwhile takes part in what comes next.
    await turn();
  }
  isWorking = false;
}

port.on('message', (question: InferenceQuestion) => {
  questions.add(question.act, question);
  void work();
});
