import { Failure } from '../../domain/failure.ts';

/**
 * A compute that this worker has no settings for.
 *
 * @param reason what to set
 */
export function createUnconfiguredCompute(reason: string) {
  return {
    /** @throws Failure `configuration-invalid`, always */
    run: (): Promise<void> => Promise.reject(new Failure('configuration-invalid', reason)),
    /** Nothing was ever started. */
    end: (): Promise<void> => Promise.resolve(),
  };
}
