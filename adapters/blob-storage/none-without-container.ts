import { isFailure } from '../../domain/failure.ts';

/** To be given to `catch`: an account that nobody has used has no containers yet, and so nothing in them. */
export function noneWithoutContainer(error: unknown): null {
  if (isFailure(error, 'not-found')) return null;
  throw error;
}
