import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphNode } from './graph-schema.ts';
import { encodeSavedModel, GRAPH_TAG } from './graph-schema.ts';
import type { NativeBackend } from './runtime.ts';
import { tf } from './runtime.ts';

/** Numbers that go into a graph. */
export interface GraphInput {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A graph that TensorFlow has taken in and optimised. It holds memory of TensorFlow's until it is closed. */
export interface GraphSession<Output extends string> {
  /** Runs the graph once. Every input must be given, by its name. Leaves no tensor behind. */
  run(inputs: Readonly<Record<string, GraphInput>>): Record<Output, Float32Array | Int32Array>;
  close(): void;
}

/**
 * Opens a graph for running as a whole: TensorFlow then sees what follows what, runs side by side what can, lays out memory
 * for oneDNN once and frees every intermediate result as soon as it is used.
 *
 * @throws Error when the graph is not one that TensorFlow takes, which is a defect
 */
export function openGraph<Output extends string>(nodes: readonly GraphNode[], outputs: readonly Output[]): GraphSession<Output> {
  const backend = tf.backend() as unknown as NativeBackend;
  const session = load(backend, encodeSavedModel(nodes));
  return {
    run(inputs) {
      const names = Object.keys(inputs).map((name) => ({ name: `${name}:0` }));
      // Handed out by assignment: tfjs looks through whatever a tidy returns, number by number, for tensors.
      const results = {} as Record<Output, Float32Array | Int32Array>;
      tf.tidy(() => {
        const tensors = Object.values(inputs).map(({ values, shape }) => tf.tensor(values, [...shape]));
        const given = backend.runSavedModel(session, tensors, names, outputs.map((name) => `${name}:0`));
        for (const [index, name] of outputs.entries()) results[name] = given[index]!.dataSync<'float32' | 'int32'>();
      });
      return results;
    },
    close() {
      backend.deleteSavedModel(session);
    },
  };
}

/** tfjs-node takes a graph from a directory alone; TensorFlow has read it when this returns. */
function load(backend: NativeBackend, savedModel: Uint8Array): number {
  const directory = mkdtempSync(join(tmpdir(), 'barometer-graph-'));
  try {
    writeFileSync(join(directory, 'saved_model.pb'), savedModel);
    return backend.loadSavedModelMetaGraph(directory, GRAPH_TAG);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
