import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PerEmotion } from '../../domain/emotion.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import type { SeenStep, Tally } from '../../domain/mood.ts';
import { addSteps, addTallies, isForgotten, toMood, toReading, toReadingBetween, toSeries, toShownStep, toStep, toTally } from '../../domain/mood.ts';
import type { Verdict } from '../../domain/prediction.ts';

const AT = Date.parse('2026-11-28T21:30:00Z');
const SECOND = 1000;
const K = 5;

function toFace(emotion: Verdict, probabilities: PerEmotion = toPerEmotion((each) => (each === emotion ? 0.7 : 0.1))) {
  return { emotion, probabilities };
}

const faces = fc.array(fc.constantFrom<Verdict>(...EMOTIONS, 'uncertain').map((emotion) => toFace(emotion)), { maxLength: 8 });
const camera = fc.array(faces, { minLength: 1, maxLength: 5 }).map((images) => addTallies(images.map(toTally)));
const step: fc.Arbitrary<SeenStep> = fc.dictionary(fc.constantFrom('bar', 'door', 'floor', 'constructor', 'stage'), camera).map((cameras) => new Map(Object.entries(cameras)));

/** People that a step is about, as far as can be told. */
const people = (cameras: SeenStep) => [...cameras.values()].reduce((sum, { facesAtOnce }) => sum + facesAtOnce, 0);
const withFaces = (count: number, emotion: Verdict = 'happy') => toTally(Array.from({ length: count }, () => toFace(emotion)));

function assertSame(actual: Tally, expected: Tally): void {
  const { probabilitySums: sums, ...rest } = actual;
  const { probabilitySums: expectedSums, ...expectedRest } = expected;
  assert.deepEqual(rest, expectedRest);
  for (const emotion of EMOTIONS) assert.ok(Math.abs(sums[emotion] - expectedSums[emotion]) < 1e-9);
}

describe('tallies', () => {
  it('count the faces of an image, named and uncertain, and keep nothing else', () => {
    assert.deepEqual(toTally([toFace('happy', { happy: 0.75, sad: 0.25, angry: 0, fearful: 0 }), toFace('uncertain', { happy: 0.25, sad: 0.25, angry: 0.25, fearful: 0.25 })]), {
      images: 1,
      faces: 2,
      facesAtOnce: 2,
      counts: { happy: 1, sad: 0, angry: 0, fearful: 0 },
      probabilitySums: { happy: 1, sad: 0.5, angry: 0.25, fearful: 0.25 },
    });
  });

  it('add up to the same in any order and grouping', () => {
    fc.assert(fc.property(fc.array(camera), fc.nat(), (all, at) => {
      const cut = all.length === 0 ? 0 : at % all.length;
      assertSame(addTallies([addTallies(all.slice(cut)), addTallies(all.slice(0, cut))]), addTallies(all));
    }));
  });

  it('of one person in ten images are of one person', () => {
    const { faces: seen, facesAtOnce } = addTallies(Array.from({ length: 10 }, () => withFaces(1)));
    assert.deepEqual({ seen, facesAtOnce }, { seen: 10, facesAtOnce: 1 });
  });

  it('of several processes add up camera by camera', () => {
    fc.assert(fc.property(fc.array(step), (steps) => {
      const sum = addSteps(steps);
      for (const name of new Set(steps.flatMap((each) => [...each.keys()]))) assertSame(sum.get(name)!, addTallies(steps.flatMap((each) => each.get(name) ?? [])));
      assert.equal(sum.size, new Set(steps.flatMap((each) => [...each.keys()])).size);
    }));
  });
});

describe('what is shown of a step', () => {
  it('is never about fewer people than the minimum: not all, no camera, and not what is left of all without the shown cameras', () => {
    fc.assert(fc.property(step, fc.integer({ min: 2, max: 12 }), (seen, minimum) => {
      const { all, cameras } = toShownStep(seen, minimum);
      if (all === null) {
        assert.ok(people(seen) < minimum);
        assert.equal(cameras.size, 0);
        return;
      }
      assertSame(all, addTallies([...seen.values()]));
      assert.ok(people(seen) >= minimum);
      for (const [name, tally] of cameras) {
        assert.ok(tally.facesAtOnce >= minimum);
        assert.equal(tally, seen.get(name));
      }
      const rest = people(new Map([...seen].filter(([name]) => !cameras.has(name))));
      assert.ok(rest === 0 || rest >= minimum, `${rest} people could be told from the difference`);
    }), { numRuns: 1000 });
  });

  it('leaves out a full camera where the difference would show an emptier one', () => {
    const { all, cameras } = toShownStep(new Map([['bar', withFaces(2, 'angry')], ['door', withFaces(6)], ['floor', withFaces(9)]]), K);
    assert.equal(all?.faces, 17);
    assert.deepEqual([...cameras.keys()], ['floor']);
  });

  it('is every camera where each has seen enough, and nobody hides behind one that saw no face', () => {
    const { cameras } = toShownStep(new Map([['bar', withFaces(5)], ['door', withFaces(0)], ['floor', withFaces(9)]]), K);
    assert.deepEqual([...cameras.keys()], ['bar', 'floor']);
  });
});

describe('a reading', () => {
  it('has means and shares of all faces, and names the expression of the most', () => {
    const reading = toReading([addTallies([withFaces(3, 'angry'), withFaces(1, 'happy'), withFaces(1, 'uncertain')])])!;
    assert.deepEqual({ ...reading, probabilities: null }, { faces: 5, images: 3, emotion: 'angry', probabilities: null, shares: { happy: 0.2, sad: 0, angry: 0.6, fearful: 0 } });
    assert.ok(Math.abs(reading.probabilities.angry - (3 * 0.7 + 0.2) / 5) < 1e-9);
  });

  it('names none where all are uncertain, and of a tie the likelier one', () => {
    assert.equal(toReading([withFaces(5, 'uncertain')])!.emotion, null);
    const tie = [toTally([toFace('happy', { happy: 0.5, sad: 0.4, angry: 0.1, fearful: 0 }), toFace('sad', { happy: 0.1, sad: 0.9, angry: 0, fearful: 0 })])];
    assert.equal(toReading(tie)!.emotion, 'sad');
  });

  it('is none of no faces', () => {
    assert.equal(toReading([]), null);
    assert.equal(toReading([withFaces(0)]), null);
  });

  it('is a sum of steps that may each be shown: a longer time less a shorter one is again one', () => {
    const start = AT - 600 * SECOND;
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), fc.nat(30), (list, cut) => {
      const steps = new Map(list.map((each, index) => [start + index * 10 * SECOND, each]));
      const count = (from: number, to: number) => toReadingBetween(steps, from, to, K)?.faces ?? 0;
      const middle = start + Math.min(cut, list.length) * 10 * SECOND;
      const expected = list.map((each) => (people(each) < K ? 0 : addTallies([...each.values()]).faces));
      assert.equal(count(start, middle) + count(middle, AT), expected.reduce((sum, each) => sum + each, 0));
    }));
  });
});

describe('the mood of a venue', () => {
  const steps = new Map<number, SeenStep>([
    [AT - 3600 * SECOND, new Map([['bar', withFaces(50, 'sad')]])],
    [AT - 70 * SECOND, new Map([['bar', withFaces(20, 'sad')]])],
    [AT - 60 * SECOND, new Map([['bar', withFaces(6, 'angry')]])],
    [AT - 30 * SECOND, new Map([['bar', withFaces(3, 'fearful')], ['door', withFaces(1, 'sad')]])],
    [AT - 10 * SECOND, new Map([['bar', withFaces(5, 'angry')], ['floor', withFaces(7, 'happy')]])],
  ]);

  it('is that of the last minute, with each camera that was seen in it', () => {
    const { at, now, cameras } = toMood(steps, AT, K);
    assert.equal(at, AT);
    assert.deepEqual(now?.shares, { happy: 7 / 18, sad: 0, angry: 11 / 18, fearful: 0 });
    assert.deepEqual([...cameras].map(([name, reading]) => [name, reading?.faces ?? null]), [['bar', 11], ['door', null], ['floor', 7]]);
  });

  it('is unknown where nothing was seen', () => {
    assert.deepEqual(toMood(new Map(), AT, K), { at: AT, now: null, cameras: new Map() });
  });

  it('has sixty minutes by the clock, the last as far as it has come', () => {
    const series = toSeries(steps, AT, K);
    assert.equal(series.length, 60);
    assert.deepEqual([series[0]!.at, series[59]!.at], [AT - 3600 * SECOND, AT - 60 * SECOND]);
    assert.deepEqual([0, 1, 58, 59].map((index) => series[index]!.reading?.faces ?? null), [50, null, 20, 18]);
    const begun = toSeries(steps, AT - 50 * SECOND, K);
    assert.equal(begun[59]!.at, AT - 60 * SECOND);
    assert.equal(begun[59]!.reading?.faces, 6);
  });

  it('is remembered for an hour, in steps of ten seconds', () => {
    assert.equal(toStep(AT + 9_999), AT);
    assert.equal(isForgotten(AT, AT + 3_609_999), false);
    assert.equal(isForgotten(AT, AT + 3_610_000), true);
  });
});
