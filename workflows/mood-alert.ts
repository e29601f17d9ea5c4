import { ActivityFailure, ApplicationFailure, isCancellation, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { Delivery, MoodAlertInput } from '../domain/mood-alert.ts';
import { ALERT_USEFUL_MS, toQuietUntil } from '../domain/mood-alert.ts';
import { toPercent } from '../domain/wording.ts';
import { alertRecords, alerting } from './activity-proxies.ts';
import { toRootMessage } from './root-message.ts';

/** The first pause between two tries, and the longest. */
const PAUSE_MS = { first: 1_000, longest: 30_000 };
/** A record that can't be written keeps the rule quiet only where there is no cool-down that does. */
const LEAST_RECORDING_MS = 60_000;

/**
 * Tells a venue's system, once, that a rule of its mood came true, while that is of use; keeps what became of it; and stays open until the rule
 * has cooled down, so that whoever sees it come true meanwhile joins this one and nobody is told again.
 *
 * @throws ApplicationFailure `alert-unrecorded` when what became of it could not be kept
 */
export async function moodAlert(alert: MoodAlertInput): Promise<Delivery> {
  const what = `${alert.rule.emotion} share ${toPercent(alert.share)} at ${alert.venue}, rule ${alert.rule.id}`;
  setCurrentDetails(`Delivers: ${what}.`);
  const delivery = await deliver(alert);
  const outcome = delivery.status === 'delivered' ? 'Delivered' : `Not delivered (${delivery.reason})`;
  setCurrentDetails(`${outcome}: ${what}. Quiet until ${toQuietUntil(alert).toISOString()}.`);
  await Promise.all([record(alert, delivery), sleep(toQuietMs(alert))]);
  return delivery;
}

/**
 * Each try is an activity of its own, so that their number is known: a worker that dies in one of them may have sent it. The receiver gets the same
 * id each time.
 */
async function deliver(alert: MoodAlertInput): Promise<Delivery> {
  const until = Date.parse(alert.at) + ALERT_USEFUL_MS;
  let reason = 'It came too late to be of use.';
  for (let tries = 0, pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.longest)) {
    const leftMs = until - Date.now();
    if (leftMs <= 0) return toDelivery('undelivered', tries, reason);
    try {
      tries += 1;
      await alerting.deliverMoodAlert.executeWithOptions({ scheduleToCloseTimeout: leftMs, summary: `try ${tries}` }, [alert]);
      return toDelivery('delivered', tries, null);
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      reason = toRootMessage(error);
      const failure = error.cause instanceof ApplicationFailure ? error.cause : null;
      if (failure?.nonRetryable === true) return toDelivery('undelivered', tries, reason);
      await sleep(Math.max(0, Math.min(Math.max(pauseMs, toAskedMs(failure)), until - Date.now())));
    }
  }
}

async function record(alert: MoodAlertInput, delivery: Delivery): Promise<void> {
  try {
    await alertRecords.recordMoodAlert.executeWithOptions({ scheduleToCloseTimeout: Math.max(toQuietMs(alert), LEAST_RECORDING_MS) }, [{ alert, delivery }]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    throw ApplicationFailure.nonRetryable(`The alert was ${delivery.status}, and that could not be kept: ${toRootMessage(error)}`, 'alert-unrecorded');
  }
}

function toQuietMs(alert: MoodAlertInput): number {
  return Math.max(0, toQuietUntil(alert).getTime() - Date.now());
}

/** How long the receiver wants to be left alone (`adapters/temporal/failure-interceptor.ts`). */
function toAskedMs(failure: ApplicationFailure | null): number {
  const [details] = (failure?.details ?? []) as [{ readonly retryAfterMs?: number }?];
  return details?.retryAfterMs ?? 0;
}

function toDelivery(status: Delivery['status'], tries: number, reason: string | null): Delivery {
  return { status, tries, reason, endedAt: new Date().toISOString() };
}
