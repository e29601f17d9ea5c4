/** What waits to be worked on, one after the other. */
export interface FairQueue<Work> {
  add(kind: string, work: Work): void;
  /** Whose turn it is; undefined when nothing waits. Whoever takes it says afterwards what it has cost. */
  take(): { readonly work: Work; readonly spent: (cost: number) => void } | undefined;
}

interface Line<Work> {
  readonly waiting: Work[];
  spent: number;
}

/**
 * Gives each kind of work that waits the same share of what is spent, whatever one piece of it costs; within a kind, first come,
 * first served. A kind that had nothing to do saves nothing up.
 */
export function createFairQueue<Work>(): FairQueue<Work> {
  const lines = new Map<string, Line<Work>>();

  function findBusy(): Line<Work>[] {
    return [...lines.values()].filter(({ waiting }) => waiting.length > 0);
  }

  function lowest(busy: readonly Line<Work>[]): number {
    return busy.reduce((least, { spent }) => Math.min(least, spent), Number.POSITIVE_INFINITY);
  }

  return {
    add(kind, work) {
      const line = lines.get(kind) ?? { waiting: [], spent: 0 };
      lines.set(kind, line);
      const others = lowest(findBusy());
      if (line.waiting.length === 0 && others !== Number.POSITIVE_INFINITY) line.spent = Math.max(line.spent, others);
      line.waiting.push(work);
    },
    take() {
      const busy = findBusy();
      const line = busy.find(({ spent }) => spent === lowest(busy));
      if (line === undefined) return undefined;
      const work = line.waiting.shift()!;
      return { work, spent: (cost) => { line.spent += cost; } };
    },
  };
}
