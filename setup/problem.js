/** A failure that the person at the keyboard can act on: it is shown as its message alone, without a stack. */
export class SetupProblem extends Error {
  /** @override */
  name = 'SetupProblem';
}

/**
 * The text that set-up shows for `error`: a problem's own message, and the stack of anything unexpected.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function toReport(error) {
  if (error instanceof AggregateError) return error.errors.map(toReport).join('\n\n');
  if (error instanceof SetupProblem) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
