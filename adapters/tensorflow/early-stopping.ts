/** How the validation loss went so far. */
export interface StoppingState {
  /** 0 before the first epoch. */
  readonly bestEpoch: number;
  readonly lowestLoss: number;
  /** Standard error of the lowest loss. */
  readonly lowestLossError: number;
  /** The epoch, and its loss, of the last improvement that was worth waiting for. */
  readonly clearEpoch: number;
  readonly clearLoss: number;
}

/** A mean over the validation images, and how far another such set of images would be off (its standard error). */
export interface ValidationLoss {
  readonly mean: number;
  readonly error: number;
}

/** Improvements by less than this don't keep training alive; what they found is kept all the same. */
const CLEAR_IMPROVEMENT = 0.005;

export const INITIAL_STOPPING_STATE: StoppingState = {
  bestEpoch: 0,
  lowestLoss: Number.POSITIVE_INFINITY,
  lowestLossError: 0,
  clearEpoch: 0,
  clearLoss: Number.POSITIVE_INFINITY,
};

/**
 * Takes an epoch's validation loss in. The best epoch is the latest one whose loss can't be told from the lowest, being
 * within its standard error (the one-standard-error rule, Breiman et al. 1984): with few validation images the lowest is
 * a matter of luck, and later epochs have calmer weights, for the learning rate falls.
 */
export function observeEpoch(state: StoppingState, epoch: number, { mean, error }: ValidationLoss): StoppingState {
  const isLowest = mean < state.lowestLoss;
  const isBest = isLowest || mean <= state.lowestLoss + state.lowestLossError;
  const isClear = mean < state.clearLoss - CLEAR_IMPROVEMENT;
  return {
    bestEpoch: isBest ? epoch : state.bestEpoch,
    lowestLoss: isLowest ? mean : state.lowestLoss,
    lowestLossError: isLowest ? error : state.lowestLossError,
    clearEpoch: isClear ? epoch : state.clearEpoch,
    clearLoss: isClear ? mean : state.clearLoss,
  };
}

export function hasRunOut(state: StoppingState, epoch: number, patience: number): boolean {
  return epoch - state.clearEpoch >= patience;
}
