/** Does the work when its share of the budget is free, and gives the share back afterwards. */
export type Budget = <T>(share: number, work: () => Promise<T>) => Promise<T>;

/**
 * Shares a fixed amount among works of different sizes, first come, first served. A share larger than the whole waits
 * until everything is free.
 */
export function createBudget(total: number): Budget {
  let free = total;
  const waiting: { readonly share: number; readonly begin: () => void }[] = [];

  function beginNext(): void {
    for (let next = waiting[0]; next !== undefined && next.share <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.share;
      next.begin();
    }
  }

  return async (wanted, work) => {
    const share = Math.min(wanted, total);
    await new Promise<void>((begin) => {
      waiting.push({ share, begin });
      beginNext();
    });
    try {
      return await work();
    } finally {
      free += share;
      beginNext();
    }
  };
}
