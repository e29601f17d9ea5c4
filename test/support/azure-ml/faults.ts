import type { OperationName } from './operations.ts';

/** Something that goes wrong with one request. */
export type Fault =
  /** Answered 429, to be tried again after this many seconds. */
  | { readonly throttle: number }
  | { readonly refuse: { readonly status: number; readonly code: string } }
  /** Done, but the connection breaks before the answer. */
  | 'lose the answer'
  /** The connection breaks before anything is done. */
  | 'lose the request';

/** Faults that wait for their requests. */
export interface Faults {
  /** The next `times` requests of this operation have this fault. */
  plan(operation: OperationName, fault: Fault, times?: number): void;
  take(operation: OperationName): Fault | null;
  /** How many have not happened. */
  left(): number;
}

export function createFaults(): Faults {
  const planned: { readonly operation: OperationName; readonly fault: Fault }[] = [];
  return {
    plan(operation, fault, times = 1) {
      for (let each = 0; each < times; each += 1) planned.push({ operation, fault });
    },
    take(operation) {
      const index = planned.findIndex((each) => each.operation === operation);
      return index < 0 ? null : planned.splice(index, 1)[0]!.fault;
    },
    left: () => planned.length,
  };
}
