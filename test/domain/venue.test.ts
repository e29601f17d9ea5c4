import assert from 'node:assert/strict';
import { venueIdSchema, venueSchema } from '../../domain/venue.ts';

const BARE = { id: 'the-sun', name: 'The Sun', operator: { name: 'Sun Ltd', contact: 'privacy@sun.example' } };
const RULE = { id: 'fight', emotion: 'angry', shareAbove: 0.3, forSeconds: 60 };
const WEBHOOK = { url: 'https://sun.example/barometer' };
const TRIANGLE = [[0, 0], [1, 0], [1, 1]];

function toProblems(changed: object): string[] {
  const { error } = venueSchema.safeParse({ ...BARE, ...changed });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the document of a venue', () => {
  it('needs to say who it is and who answers for it, and nothing else', () => {
    assert.deepEqual(venueSchema.parse(BARE), { ...BARE, minimumFaces: 5, cameras: {}, rules: [], webhook: null });
  });

  it('may say all that there is to say, and says it back', () => {
    const full = {
      ...BARE,
      minimumFaces: 8,
      cameras: { bar: { name: 'Over the bar', staffAreas: [{ name: 'behind the bar', points: TRIANGLE }] }, door: { staffAreas: [] } },
      rules: [{ ...RULE, coolDownSeconds: 60 }],
      webhook: WEBHOOK,
    };
    assert.deepEqual(venueSchema.parse(full), full);
  });

  it('cools down for a quarter of an hour unless it is said', () => {
    assert.equal(venueSchema.parse({ ...BARE, rules: [RULE], webhook: WEBHOOK }).rules[0]!.coolDownSeconds, 900);
  });

  const rule = (changed: object) => ({ rules: [{ ...RULE, ...changed }], webhook: WEBHOOK });
  const area = (points: unknown) => ({ cameras: { bar: { staffAreas: [{ points }] } } });
  const WRONG: readonly [why: string, changed: object, problem: RegExp][] = [
    ['a name that is no slug', { id: 'The Sun' }, /^id: a venue is named by/],
    ['no operator', { operator: undefined }, /^operator: /],
    ['an operator whom nobody can reach', { operator: { name: 'Sun Ltd', contact: ' ' } }, /^operator\.contact: must not be empty/],
    ['a single face being shown', { minimumFaces: 1 }, /^minimumFaces: must be at least 2/],
    ['a misspelt field', { camera: {} }, /Unrecognized key: "camera"/],
    ['a camera that is no slug', { cameras: { 'Bar 1': {} } }, /^cameras\.Bar 1: a camera is named by|^cameras\.Bar 1: Invalid key/],
    ['a point outside of the image', area([[0, 0], [1, 0], [1, 1.2]]), /^cameras\.bar\.staffAreas\.0\.points\.2\.1: points lie between 0 and 1/],
    ['two points', area([[0, 0], [1, 0]]), /^cameras\.bar\.staffAreas\.0\.points: an area has at least three points/],
    ['points on a line', area([[0, 0], [0.5, 0.5], [1, 1]]), /^cameras\.bar\.staffAreas\.0\.points: .* enclose nothing/],
    ['an unknown emotion', rule({ emotion: 'bored' }), /^rules\.0\.emotion: must be one of happy, sad, angry, fearful/],
    ['a share that is never passed', rule({ shareAbove: 1 }), /^rules\.0\.shareAbove: must be below 1/],
    ['a time between two buckets', rule({ forSeconds: 65 }), /^rules\.0\.forSeconds: must be a multiple of 10/],
    ['a time that nobody remembers', rule({ forSeconds: 4000 }), /^rules\.0\.forSeconds: .* an hour/],
    ['a pause in which two processes could see the same', rule({ coolDownSeconds: 5 }), /^rules\.0\.coolDownSeconds: must be at least 60/],
    ['two rules of one name', { rules: [RULE, RULE], webhook: WEBHOOK }, /^rules\.1\.id: another rule is named fight/],
    ['rules without a webhook', { rules: [RULE] }, /^webhook: is missing/],
  ];
  for (const [why, changed, problem] of WRONG) {
    it(`is turned away for ${why}, and the field is named`, () => {
      const problems = toProblems(changed);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0]!, problem);
    });
  }
});

describe('the name of a venue', () => {
  it('can be part of other names', () => {
    for (const name of ['the-sun', 'bar.2', 'a']) assert.ok(venueIdSchema.safeParse(name).success, name);
    for (const name of ['', 'The Sun', '../etc', '-x', 'a'.repeat(64), 'ü']) assert.ok(!venueIdSchema.safeParse(name).success, name);
  });
});
