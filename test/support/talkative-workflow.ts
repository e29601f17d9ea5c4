import { ApplicationFailure, defineSignal, proxyActivities, setHandler, upsertMemo } from '@temporalio/workflow';

/** What its activities do with the word that is given to them. */
export interface TalkativeActivities {
  /** Says the word in a heartbeat, waits until it is let go, and returns the word. */
  say(word: string): Promise<string>;
  /** Says the word in a failure. */
  fail(word: string): Promise<void>;
}

export const noted = defineSignal<[string]>('noted');

const { say, fail } = proxyActivities<TalkativeActivities>({ startToCloseTimeout: '1 minute', heartbeatTimeout: '20 seconds', retry: { maximumAttempts: 1 } });

/** Brings a word to every place where Temporal keeps what workflows say: inputs, results, memo, signals, failures. */
export async function talkative(word: string): Promise<string> {
  setHandler(noted, () => undefined);
  upsertMemo({ said: word });
  const said = await say.executeWithOptions({ summary: `says ${word}` }, [word]);
  await fail(word).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
  });
  return said;
}

export async function failing(word: string): Promise<void> {
  throw ApplicationFailure.nonRetryable(`it failed with ${word}`, 'said', { word });
}
