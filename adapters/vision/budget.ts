/** Does the work when its share of the budget is free, and gives the share back afterwards. */
export type Budget = <T>(share: number, work: () => Promise<T>) => Promise<T>;

/** So small a part of the whole is not waited for: what comes of it at a time adds little, and would wait behind what is large. */
const SMALL_PART = 1 / 256;

/**
 * Shares a fixed amount among works of different sizes, first come, first served; the smallest begin at once. A share larger than the
 * whole waits until everything is free.
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
    if (wanted <= total * SMALL_PART) return work();
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
