import { z } from 'zod';
import { HOUR_SECONDS, STEP_SECONDS } from './mood.ts';
import type { Venue } from './venue.ts';

/** What the people in a venue must be told: the facts that this software knows, in words and for programs. It is no legal advice. */
export const noticeSchema = z
  .object({
    version: z.literal(1),
    language: z.literal('en'),
    venue: z.object({ id: z.string(), name: z.string() }),
    operator: z.object({ name: z.string(), contact: z.string() }).meta({ description: 'Who answers to the people in the images, and whom they ask.' }),
    system: z.object({ name: z.literal('Barometer'), kind: z.literal('emotion-recognition'), summary: z.string() }),
    purpose: z.string(),
    legalBasis: z.string().nullable().meta({ description: 'In the operator\'s words; null where the operator has not said it here.' }),
    processed: z.array(z.string()).meta({ description: 'What is done with images, step by step.' }),
    notProcessed: z.array(z.string()).meta({ description: 'What this software never does.' }),
    minimumFaces: z.int().meta({ description: 'Nothing is shown of ten seconds in which fewer faces were seen at once.' }),
    staffAreas: z.int().nonnegative().meta({ description: 'Areas of the cameras\' images in which faces are not looked at.' }),
    alerts: z
      .array(z.object({ emotion: z.string(), shareAbove: z.number(), forSeconds: z.int() }))
      .meta({ description: 'When a system of the venue is told: the share of faces with this expression was above this for so long.' }),
    retention: z.array(z.object({ what: z.string(), seconds: z.int().nonnegative() })).meta({ description: 'How long what is kept; 0 for no longer than it takes to answer.' }),
    rights: z.array(z.object({ right: z.string(), article: z.string() })),
    legal: z.array(z.object({ law: z.string(), article: z.string(), says: z.string(), url: z.url() })),
  })
  .meta({ id: 'Notice', description: 'What the people in a venue must be told.' });
export type Notice = z.infer<typeof noticeSchema>;

const AI_ACT = { law: 'Regulation (EU) 2024/1689 (AI Act)', url: 'https://eur-lex.europa.eu/eli/reg/2024/1689/oj' } as const;
const GDPR = { law: 'Regulation (EU) 2016/679 (GDPR)', url: 'https://eur-lex.europa.eu/eli/reg/2016/679/oj' } as const;

const LEGAL: Notice['legal'] = [
  { ...AI_ACT, article: 'Article 50(3)', says: 'Whoever uses an emotion recognition system tells the people who are exposed to it, and processes personal data as the GDPR says.' },
  { ...AI_ACT, article: 'Article 5(1)(f)', says: 'Emotions of people at their workplace must not be inferred: faces in staff areas are not looked at.' },
  { ...GDPR, article: 'Article 13', says: 'Whoever collects personal data says who they are, why, on what legal basis, for how long, and which rights there are.' },
];

const RIGHTS: Notice['rights'] = [
  { right: 'to know whether data about you are processed, and which', article: 'GDPR Article 15' },
  { right: 'to have wrong data corrected, or data deleted', article: 'GDPR Articles 16 and 17' },
  { right: 'to have processing restricted', article: 'GDPR Article 18' },
  { right: 'to object', article: 'GDPR Article 21' },
  { right: 'to complain to a supervisory authority', article: 'GDPR Article 77' },
];

export function toNotice({ id, name, operator: { legalBasis, ...operator }, minimumFaces, cameras, rules }: Venue): Notice {
  const staffAreas = Object.values(cameras).reduce((sum, camera) => sum + camera.staffAreas.length, 0);
  return {
    version: 1,
    language: 'en',
    venue: { id, name },
    operator,
    system: { name: 'Barometer', kind: 'emotion-recognition', summary: 'Software estimates from camera images which expressions the faces of those present show: happy, sad, angry or fearful. It estimates expressions, not feelings, and may be wrong.' },
    purpose:
      'To know the mood of the venue as a whole, so that it can adapt its music and light' +
      (rules.length === 0 ? '.' : ', and to tell a system of the venue when many faces show the same expression, so that people can help in time.'),
    legalBasis: legalBasis ?? null,
    processed: [
      'An image of a camera is looked at in memory: faces are found, cut out and classified. Then it is discarded.',
      `What remains is how many faces there were, how many showed each expression, and means; for each camera and ${STEP_SECONDS} seconds.`,
      `Nothing is shown of ${STEP_SECONDS} seconds in which fewer than ${minimumFaces} faces were seen at once.`,
      ...(staffAreas === 0 ? [] : ['Faces in areas where staff work are left out before they are classified.']),
    ],
    notProcessed: ['Nobody is recognised, followed or told apart from others.', 'No image, face, sound or name is kept.', 'No decision about a single person is made.'],
    minimumFaces,
    staffAreas,
    alerts: rules.map(({ emotion, shareAbove, forSeconds }) => ({ emotion, shareAbove, forSeconds })),
    retention: [
      { what: 'images and faces', seconds: 0 },
      { what: 'counts and means', seconds: HOUR_SECONDS },
    ],
    rights: RIGHTS,
    legal: LEGAL,
  };
}
