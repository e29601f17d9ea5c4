import { randomUUID } from 'node:crypto';
import type { Answer } from './answers.ts';
import { Refusal } from './answers.ts';

type Outcome = { readonly status: 'Succeeded' } | { readonly status: 'Failed'; readonly code: string; readonly message: string };

/** Operations that go on after they were answered, and what is answered to those who ask after them. */
export interface LongOperations {
  /** @returns the path where to ask */
  begin(kind: 'computeOperationsStatus' | 'mfeOperationResults', outcome: () => Outcome | null): string;
  /** Null when the path is not one of these. */
  answer(path: string): Answer | null;
}

/**
 * ARM's two ways: at an `Azure-AsyncOperation` URL there is a document with a status, at a `Location` there is 202 until
 * the operation has ended.
 */
export function createLongOperations(subscriptionId: string, region: string): LongOperations {
  const operations = new Map<string, { readonly kind: string; readonly outcome: () => Outcome | null }>();

  return {
    begin(kind, outcome) {
      const id = randomUUID();
      operations.set(id, { kind, outcome });
      return `/subscriptions/${subscriptionId}/providers/Microsoft.MachineLearningServices/locations/${region}/${kind}/${id}`;
    },

    answer(path) {
      const match = /\/locations\/[^/]+\/(computeOperationsStatus|mfeOperationResults)\/([0-9a-f-]+)$/.exec(path);
      if (match === null) return null;
      const operation = operations.get(match[2]!);
      if (operation === undefined || operation.kind !== match[1]) throw new Refusal(404, 'NotFound', 'There is no such operation.');
      const outcome = operation.outcome();
      if (operation.kind === 'mfeOperationResults') {
        return outcome === null ? { status: 202, headers: { Location: path, 'Retry-After': '0' } } : { status: 204 };
      }
      if (outcome === null) return { status: 200, headers: { 'Retry-After': '0' }, body: { status: 'InProgress' } };
      if (outcome.status === 'Succeeded') return { status: 200, body: { status: 'Succeeded' } };
      return { status: 200, body: { status: 'Failed', error: { code: outcome.code, message: outcome.message } } };
    },
  };
}
