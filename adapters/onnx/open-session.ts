import './no-telemetry.ts';
import { InferenceSession } from 'onnxruntime-node';
import { Failure } from '../../domain/failure.ts';

/**
 * Opens a network for faces that was just written.
 *
 * @throws Failure `data-corrupt` when it is none that can be run
 */
export async function openSession(network: Uint8Array, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(network, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Memory of a run is kept for the next one: given back, the system would have to clear 17,000 pages of it for each picture, which takes as
      // long as two thirds of the network. But no plan is kept for each size of picture.
      enableCpuMemArena: true,
      enableMemPattern: false,
      // Threads that are done sleep at once instead of burning a processor that others need.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      graphOptimizationLevel: 'all',
      // Errors only: its warnings are about graph optimisations.
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw new Failure('data-corrupt', 'A network for faces is none that can be run. Install the npm packages again: npm ci', { cause });
  }
}
