import { noticeSchema } from '../domain/notice.ts';
import { camerasAnswerSchema, moodAnswerSchema, moodEventSchema } from './venue-answers.ts';

type Json = Record<string, unknown>;

export const VENUE_SCHEMAS = {
  Mood: moodAnswerSchema,
  MoodEvent: moodEventSchema,
  Reading: moodEventSchema.shape.now.unwrap(),
  Cameras: camerasAnswerSchema,
  Notice: noticeSchema,
} as const;

/** How the document words its answers; see openapi.ts. */
interface Wording {
  readonly json: (description: string, schema: keyof typeof VENUE_SCHEMAS) => Json;
  readonly problem: (description: string) => Json;
  readonly retryLater: (description: string) => Json;
}

const TAG = 'Venues';

export const VENUE_TAG = { name: TAG, description: 'The mood of a venue: counts and means of many faces, never of one. What is kept, and what the law forbids: /privacy.' };

const ID = { name: 'id', in: 'path', required: true, description: 'The venue; with a key, its own.', schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' }, example: 'the-sun' };

const WHERE = { venue: 'Of which venue it is; with a key it is that of the key, and another one is refused.', camera: 'Which camera of the venue has taken it. With it, the faces count among the mood of the venue, but for those in staff areas.' } as const;

/** Where an image was taken, as headers. */
export const PLACE_HEADERS: readonly Json[] = [
  { name: 'Barometer-Venue', in: 'header', description: WHERE.venue, schema: ID.schema },
  { name: 'Barometer-Camera', in: 'header', description: WHERE.camera, schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' } },
];

/** The same, as fields of a form. */
export const PLACE_FIELDS = { venue: { type: 'string', description: WHERE.venue }, camera: { type: 'string', description: WHERE.camera } } as const;

export function describeVenues({ json, problem, retryLater }: Wording): Record<string, Json> {
  const others = { 403: problem('The key is another venue\'s.'), 404: problem('No venue can be named so.') };
  const unknown = { 503: retryLater('It is not known yet what is said of the venue.') };
  const get = (operationId: string, summary: string, description: string, responses: Json): Json => ({ get: { tags: [TAG], operationId, summary, description, parameters: [ID], responses } });

  return {
    '/venues/{id}/mood': get(
      'getMood',
      'The mood of a venue, now and in the last hour',
      'The same from every process. Faces count where POST /predict is told `venue` and `camera`.',
      { 200: json('The mood.', 'Mood'), ...others, ...unknown },
    ),
    '/venues/{id}/mood/stream': get(
      'watchMood',
      'The mood of a venue, whenever it changes',
      'Server-Sent Events: `mood`, its data a MoodEvent, at once and then at most every 2 seconds; a comment every 15 seconds when there is nothing new. Ends when the server does, and when the key is revoked.',
      { 200: { description: 'The events.', content: { 'text/event-stream': { schema: { type: 'string' } } } }, ...others, 503: retryLater('It is not known yet what is said of the venue, or too many screens watch.') },
    ),
    '/venues/{id}/cameras': get(
      'listCameras',
      'The cameras that a venue describes',
      'What `camera` may be in POST /predict. Of where staff work it says nothing.',
      { 200: json('The cameras.', 'Cameras'), ...others, ...unknown },
    ),
    '/venues/{id}/notice': get('getNotice', 'What the people in a venue must be told', 'For everybody: as JSON, as a page or as text, whichever is accepted.', {
      200: { ...json('The notice.', 'Notice'), content: { ...(json('', 'Notice')['content'] as Json), 'text/html': { schema: { type: 'string' } }, 'text/plain': { schema: { type: 'string' } } } },
      404: problem('Nobody has said who operates this venue.'),
      ...unknown,
    }),
  };
}
