import type Router from '@koa/router';
import type { Context } from 'koa';
import type { ApiMetrics } from '../../adapters/telemetry/api-metrics.ts';
import { Failure } from '../../domain/failure.ts';
import { toNotice } from '../../domain/notice.ts';
import type { Venue } from '../../domain/venue.ts';
import { venueIdSchema } from '../../domain/venue.ts';
import { answerWithEvents } from '../event-stream.ts';
import { isStillIn } from '../middleware/require-key.ts';
import type { MoodKeeper } from '../mood-keeper.ts';
import { toNoticePage, toNoticeText } from '../notice-text.ts';
import { refuseOtherVenue } from '../place.ts';
import { HttpProblem } from '../problem.ts';
import type { MoodEvent } from '../venue-answers.ts';
import { toCamerasAnswer, toMoodAnswer, toMoodEvent } from '../venue-answers.ts';
import type { VenueDirectory } from '../venue-directory.ts';
import { toMinimumFaces } from '../venue-directory.ts';

export interface VenueDependencies {
  readonly venues: Pick<VenueDirectory, 'find'>;
  readonly moods: Pick<MoodKeeper, 'now' | 'series'>;
  readonly metrics: Pick<ApiMetrics, 'moodWatched'>;
  /** Aborted when the process is asked to end. */
  readonly ending: AbortSignal;
  readonly streamPace?: StreamPace;
}

export interface StreamPace {
  readonly periodMs: number;
  readonly heartbeatMs: number;
}

const STREAM_PACE: StreamPace = { periodMs: 2_000, heartbeatMs: 15_000 };

/** Each holds a connection open for hours. */
const MOST_STREAMS = 500;
const MOST_STREAMS_OF_VENUE = 50;

export function addVenueRoutes(router: Router, { venues, moods, metrics, ending, streamPace = STREAM_PACE }: VenueDependencies): void {
  const streams = new Map<string, number>();

  function requireVenue(ctx: Context): string {
    const { id } = ctx['params'] as { id: string };
    if (!venueIdSchema.safeParse(id).success) throw new Failure('not-found', 'There is no venue of that name.');
    return id;
  }

  function requireKnown(id: string): Venue | null {
    const venue = venues.find(id);
    if (venue === 'unknown') throw new HttpProblem('venues-unknown', 'It is not known yet what is said of this venue. Try again in a moment.');
    return venue;
  }

  function readNow(id: string): MoodEvent {
    return toMoodEvent(id, toMinimumFaces(requireKnown(id)), moods.now(id));
  }

  router.get('/venues/:id/mood', (ctx) => {
    const id = requireVenue(ctx);
    refuseOtherVenue(ctx, id);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = toMoodAnswer(readNow(id), moods.series(id));
  });

  router.get('/venues/:id/mood/stream', (ctx) => {
    const id = requireVenue(ctx);
    refuseOtherVenue(ctx, id);
    readNow(id);
    const ofVenue = streams.get(id) ?? 0;
    const inAll = [...streams.values()].reduce((sum, count) => sum + count, 0);
    if (ofVenue >= MOST_STREAMS_OF_VENUE || inAll >= MOST_STREAMS) throw new HttpProblem('overloaded', 'Too many screens watch already. Try again in a moment.');
    streams.set(id, ofVenue + 1);
    metrics.moodWatched(1);
    answerWithEvents(ctx, {
      event: 'mood',
      read: () => readNow(id),
      toCompared: (data) => ({ ...data, at: null }),
      isWanted: () => isStillIn(ctx) && venues.find(id) !== 'unknown',
      ending,
      ...streamPace,
      onEnd() {
        metrics.moodWatched(-1);
        const left = streams.get(id)! - 1;
        if (left > 0) streams.set(id, left);
        else streams.delete(id);
      },
    });
  });

  router.get('/venues/:id/cameras', (ctx) => {
    const id = requireVenue(ctx);
    refuseOtherVenue(ctx, id);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = toCamerasAnswer(id, requireKnown(id)?.cameras ?? {});
  });

  router.get('/venues/:id/notice', (ctx) => {
    const venue = requireKnown(requireVenue(ctx));
    if (venue === null) throw new Failure('not-found', 'Nobody has said who operates this venue, so that there is no notice. Its operator does so with `barometer venues set`.');
    const notice = toNotice(venue);
    ctx.set({ 'Cache-Control': 'no-cache', Vary: 'Accept' });
    const type = ctx.accepts('json', 'html', 'text');
    ctx.body = type === 'html' ? toNoticePage(notice) : type === 'text' ? toNoticeText(notice) : notice;
    ctx.type = type === 'html' || type === 'text' ? type : 'json';
  });
}
