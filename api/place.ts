import type { Context } from 'koa';
import type { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import type { StaffArea } from '../domain/venue.ts';
import { cameraIdSchema, venueIdSchema } from '../domain/venue.ts';
import type { PredictQuery } from './answers.ts';
import type { Place } from './mood-keeper.ts';
import { HttpProblem } from './problem.ts';
import type { VenueDirectory } from './venue-directory.ts';

/** A place whose images count among its venue's mood, with the areas of which nothing must be said. */
export interface Scenery extends Place {
  readonly staffAreas: readonly StaffArea[];
}

/**
 * Which camera of which venue a request's images are of: form fields `venue` and `camera`, or the headers `Barometer-Venue` and `Barometer-Camera`.
 * To be called when the body is read. Null where no camera is named: such images count nowhere.
 *
 * @throws Failure `input-invalid`; HttpProblem `other-venue`, `venues-unknown`
 */
export function readScenery(ctx: Context, { faces }: PredictQuery, venues: Pick<VenueDirectory, 'find'>): Scenery | null {
  const named = readName(ctx, 'venue', venueIdSchema);
  const camera = readName(ctx, 'camera', cameraIdSchema);
  if (named !== null) refuseOtherVenue(ctx, named);
  // Pictures that anybody may send are of nobody's camera.
  if (camera === null || ctx.state['isGolden'] === true) return null;
  const ofKey: unknown = ctx.state['venue'];
  const venue = named ?? (typeof ofKey === 'string' ? ofKey : null);
  if (venue === null) throw new Failure('input-invalid', 'A camera is one of a venue: name that, too.');
  const said = venues.find(venue);
  if (said === 'unknown') throw new HttpProblem('venues-unknown', 'It is not known yet where in the images of this venue staff are. Try again in a moment.');
  const cameras = new Map(Object.entries(said?.cameras ?? {}));
  // A misspelt name would leave staff in.
  if (cameras.size > 0 && !cameras.has(camera)) throw new Failure('input-invalid', `The venue ${venue} has no camera ${camera}; it has ${[...cameras.keys()].join(', ')}.`);
  const staffAreas = cameras.get(camera)?.staffAreas ?? [];
  if (faces === 'never' && staffAreas.length > 0) {
    throw new Failure('input-invalid', `The images of the camera ${camera} have staff areas: only faces outside of them can be looked at, not the whole image.`);
  }
  return { venue, camera, staffAreas };
}

/**
 * A key opens its own venue.
 *
 * @throws HttpProblem `other-venue`
 */
export function refuseOtherVenue({ state }: Pick<Context, 'state'>, venue: string): void {
  const ofKey: unknown = state['venue'];
  if (typeof ofKey === 'string' && ofKey !== venue) throw new HttpProblem('other-venue', 'This key is another venue\'s.');
}

function readName(ctx: Context, name: 'venue' | 'camera', schema: z.ZodType<string>): string | null {
  const header = ctx.get(`barometer-${name}`);
  const { body } = ctx.request as { readonly body?: unknown };
  const field = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>)[name] : undefined;
  if (header === '' && field === undefined) return null;
  if (header !== '' && field !== undefined && field !== header) throw new Failure('input-invalid', `The form and the headers name another ${name}.`);
  const parsed = schema.safeParse(field ?? header);
  if (!parsed.success) throw new Failure('input-invalid', `The ${name} can't be used: ${parsed.error.issues.map(({ message }) => message).join('; ')}.`);
  return parsed.data;
}
