/** What must be put back, registered before it is changed. */
export interface UndoList {
  add(undo: () => unknown): void;
  /** Does all of it, the last first, whatever fails on the way. @throws AggregateError of what failed */
  run(): Promise<void>;
}

export function createUndoList(): UndoList {
  const pending: (() => unknown)[] = [];
  return {
    add(undo) {
      pending.push(undo);
    },
    async run() {
      const failures: unknown[] = [];
      for (let undo = pending.pop(); undo !== undefined; undo = pending.pop()) {
        try {
          await undo();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be put back.');
    },
  };
}
