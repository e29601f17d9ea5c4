/** A cluster of nodes that grows with the work and shrinks when there is none, as AmlCompute does. */
export interface NodePool {
  /** Asks for a node. `start` gets it when one is free. */
  request(work: Work): void;
  /** Gives up what was requested, started or not; a node that it had becomes free. */
  release(work: Work): void;
  /** Takes the node away that this work runs on; it runs nowhere then. */
  preempt(work: Work): void;
  counts(): NodeCounts;
  /** Whether it would grow if the quota let it. */
  isShort(): boolean;
  stop(): void;
}

export interface Work {
  readonly start: () => void;
}

export interface NodeCounts {
  readonly preparing: number;
  readonly idle: number;
  readonly running: number;
  readonly preempted: number;
}

export interface NodePoolOptions {
  readonly least: number;
  readonly most: number;
  /** What the quota allows, whatever the cluster's own limit. */
  readonly quota: () => number;
  readonly bootMs: number;
  readonly idleMs: number;
  /** Told whenever the number of nodes that are there has changed. */
  readonly onSize: (nodes: number) => void;
}

interface Node {
  state: keyof NodeCounts;
  work: Work | null;
  timer: NodeJS.Timeout | null;
}

export function createNodePool({ least, most, quota, bootMs, idleMs, onSize }: NodePoolOptions): NodePool {
  const waiting: Work[] = [];
  const nodes = new Set<Node>();

  const live = () => [...nodes].filter(({ state }) => state !== 'preempted');

  function remove(node: Node): void {
    if (node.timer !== null) clearTimeout(node.timer);
    nodes.delete(node);
    onSize(live().length);
  }

  function boot(): void {
    const node: Node = { state: 'preparing', work: null, timer: null };
    nodes.add(node);
    onSize(live().length);
    node.timer = setTimeout(() => {
      becomeIdle(node);
      schedule();
    }, bootMs);
  }

  function becomeIdle(node: Node): void {
    node.state = 'idle';
    node.work = null;
    node.timer = setTimeout(() => {
      if (live().length > least) remove(node);
    }, idleMs);
  }

  function wanted(): number {
    const busy = live().filter(({ state }) => state === 'running').length;
    return Math.min(most, Math.max(least, busy + waiting.length));
  }

  function schedule(): void {
    for (const node of live()) {
      const work = node.state === 'idle' ? waiting.shift() : undefined;
      if (work === undefined) continue;
      if (node.timer !== null) clearTimeout(node.timer);
      node.state = 'running';
      node.work = work;
      work.start();
    }
    while (live().length < Math.min(wanted(), quota())) boot();
  }

  function nodeOf(work: Work): Node | undefined {
    return live().find((node) => node.work === work);
  }

  return {
    request(work) {
      waiting.push(work);
      schedule();
    },
    release(work) {
      const index = waiting.indexOf(work);
      if (index >= 0) waiting.splice(index, 1);
      const node = nodeOf(work);
      if (node !== undefined) becomeIdle(node);
      schedule();
    },
    preempt(work) {
      const node = nodeOf(work);
      if (node === undefined) throw new Error('It runs on no node.');
      node.state = 'preempted';
      node.work = null;
      node.timer = setTimeout(() => { remove(node); }, bootMs);
      onSize(live().length);
    },
    counts() {
      const counts = { preparing: 0, idle: 0, running: 0, preempted: 0 };
      for (const { state } of nodes) counts[state] += 1;
      return counts;
    },
    isShort: () => quota() < wanted() && live().length < wanted(),
    stop() {
      for (const node of nodes) remove(node);
    },
  };
}
