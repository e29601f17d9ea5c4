/** How the validation loss went so far. */
export interface StoppingState {
  /** 0 before the first epoch. */
  readonly bestEpoch: number;
  readonly bestLoss: number;
  /** The epoch, and its loss, of the last improvement that was worth waiting for. */
  readonly clearEpoch: number;
  readonly clearLoss: number;
}

/** Improvements by less than this don't keep training alive; what they found is kept all the same. */
const CLEAR_IMPROVEMENT = 0.005;

export const INITIAL_STOPPING_STATE: StoppingState = {
  bestEpoch: 0,
  bestLoss: Number.POSITIVE_INFINITY,
  clearEpoch: 0,
  clearLoss: Number.POSITIVE_INFINITY,
};

/** Takes an epoch's validation loss in. `bestEpoch` is then this epoch if it is the best one. */
export function observeEpoch(state: StoppingState, epoch: number, loss: number): StoppingState {
  const isBest = loss < state.bestLoss;
  const isClear = loss < state.clearLoss - CLEAR_IMPROVEMENT;
  return {
    bestEpoch: isBest ? epoch : state.bestEpoch,
    bestLoss: isBest ? loss : state.bestLoss,
    clearEpoch: isClear ? epoch : state.clearEpoch,
    clearLoss: isClear ? loss : state.clearLoss,
  };
}

export function hasRunOut(state: StoppingState, epoch: number, patience: number): boolean {
  return epoch - state.clearEpoch >= patience;
}
