import { InvalidArgumentError } from 'commander';

/** A parser of an option's value: a whole number from `least`, up to `most` where that is given. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const number = Number(text);
    // Number('') is 0.
    if (text.trim() === '' || !Number.isSafeInteger(number) || number < least || number > most) {
      throw new InvalidArgumentError(`It is a whole number ${range}.`);
    }
    return number;
  };
}
