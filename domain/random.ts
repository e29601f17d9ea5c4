/** A stream of repeatable random numbers. */
export interface Random {
  /** From `low` up to, not including, `high`. */
  uniform(low: number, high: number): number;
  /** A whole number from 0 up to, not including, `end`. */
  integer(end: number): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * A stream of its own for every key: `createRandom(seed, 'augmentation', epoch, batch)`. So a step's random numbers
 * depend on nothing that was drawn before, and training resumed in the middle draws what it would have drawn.
 *
 * The generator is sfc32 (Chris Doty-Humphrey's Small Fast Counter, PractRand), seeded with an FNV-1a hash of the key.
 */
export function createRandom(...key: readonly (number | string)[]): Random {
  let a = toHash(`${key.join('/')}/a`);
  let b = toHash(`${key.join('/')}/b`);
  let c = toHash(`${key.join('/')}/c`);
  let counter = 1;
  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return (sum >>> 0) / 2 ** 32;
  }
  // Its author's advice: similar seeds differ only after some steps.
  for (let step = 0; step < 15; step += 1) next();
  return {
    uniform: (low, high) => low + next() * (high - low),
    integer: (end) => Math.floor(next() * end),
    // Box and Muller's transform; 1 - u is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** The numbers 0..count-1 in random order (Fisher and Yates). */
export function toPermutation(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index -= 1) {
    const other = random.integer(index + 1);
    const kept = order[index]!;
    order[index] = order[other]!;
    order[other] = kept;
  }
  return order;
}

function toHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash | 0;
}
