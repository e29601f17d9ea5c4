import assert from 'node:assert/strict';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createMoodStore } from '../../adapters/blob-storage/mood-store.ts';
import type { MoodStore } from '../../adapters/blob-storage/mood-store.ts';
import type { MoodKeeper } from '../../api/mood-keeper.ts';
import { createMoodKeeper } from '../../api/mood-keeper.ts';
import { Failure } from '../../domain/failure.ts';
import { CONTAINERS, moodKeys } from '../../domain/names.ts';
import { createTestLogger } from '../support/api.ts';
import { useAzurite } from '../support/azurite.ts';
import { createMemoryMoodStore, toFaces } from '../support/moods.ts';

const START = Date.parse('2026-11-28T21:30:00Z');
const SUN = 'the-sun';
const BAR = { venue: SUN, camera: 'bar' };
const DOOR = { venue: SUN, camera: 'door' };
const NEVER_BY_ITSELF_MS = 3_600_000;

describe('the keeper of moods', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;
  let store: MoodStore;
  let keepers: MoodKeeper[];
  let clock: number;

  beforeEach(async () => {
    blobs = await azurite.newStore();
    store = createMoodStore(blobs);
    keepers = [];
    clock = START;
  });

  afterEach(() => Promise.all(keepers.map((keeper) => keeper.close())));

  async function start({ over = store, minimumFaces = 5 }: { over?: MoodStore; minimumFaces?: number } = {}) {
    const { logger, lines } = createTestLogger();
    const keeper = createMoodKeeper({ store: over, minimumFacesOf: () => minimumFaces, logger, pollMs: NEVER_BY_ITSELF_MS, now: () => clock });
    keepers.push(keeper);
    await keeper.refresh();
    return Object.assign(keeper, { lines });
  }

  /** Lets so many seconds go by, second by second, in which every keeper looks now and then. */
  async function pass(seconds: number, ...those: readonly MoodKeeper[]): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      clock += 1_000;
      if (clock % 2_000 === 0) for (const keeper of those) await keeper.refresh();
    }
  }

  async function listFiles(): Promise<string[]> {
    return Array.fromAsync(blobs.list(CONTAINERS.moods), ({ name }) => name);
  }

  it('shows a step five seconds after its end, and not a moment earlier', async () => {
    const keeper = await start();
    keeper.record(BAR, toFaces(6, 'angry'));
    await pass(14, keeper);
    assert.equal(keeper.now(SUN).now, null);
    await pass(2, keeper);
    const { at, now } = keeper.now(SUN);
    assert.equal(at, START + 10_000);
    assert.deepEqual([now?.faces, now?.emotion, now?.shares.angry], [6, 'angry', 1]);
    await pass(60, keeper);
    assert.equal(keeper.now(SUN).now, null);
    assert.equal(keeper.series(SUN).filter(({ reading }) => reading !== null).length, 1);
  });

  it('answers the same in every process, whichever has seen the images', async () => {
    const [one, two] = [await start(), await start()];
    one.record(BAR, toFaces(3, 'angry'));
    two.record(DOOR, toFaces(4, 'happy'));
    await pass(16, one, two);
    const { at, now, cameras } = one.now(SUN);
    assert.equal(now?.faces, 7);
    assert.deepEqual([...cameras], [['bar', null], ['door', null]]);
    assert.deepEqual(two.now(SUN), { at, now, cameras });
    assert.deepEqual(two.series(SUN), one.series(SUN));
    // For the rules: in the step before the last one they were seen, and since then nobody was.
    assert.deepEqual(two.readSteps(SUN, 60), { endsAt: at, steps: [...Array<null>(5).fill(null), now] });
  });

  it('takes the people that two processes see with one camera for the same', async () => {
    const [one, two] = [await start(), await start()];
    for (const keeper of [one, two]) keeper.record(BAR, toFaces(3));
    await pass(20, one, two);
    assert.equal(one.now(SUN).now, null);
  });

  it('does not take one person in many images for many', async () => {
    const keeper = await start({ minimumFaces: 2 });
    for (let image = 0; image < 50; image += 1) keeper.record(BAR, toFaces(1));
    await pass(20, keeper);
    assert.equal(keeper.now(SUN).now, null);
  });

  it('does not change what it has shown when something comes too late', async () => {
    const [one, two] = [await start(), await start()];
    one.record(BAR, toFaces(6, 'angry'));
    two.record(DOOR, toFaces(1, 'sad'));
    await pass(20, one);
    assert.equal(one.now(SUN).now?.faces, 6);
    await two.refresh();
    await pass(10, one, two);
    assert.equal(one.now(SUN).now?.faces, 6);
  });

  it('knows the last hour when it starts', async () => {
    const old = await start();
    old.record(BAR, toFaces(6, 'sad'));
    clock += 1_800_000;
    await old.refresh();
    old.record(BAR, toFaces(7, 'happy'));
    await old.close();
    await pass(20);
    const young = await start();
    assert.deepEqual(young.series(SUN).flatMap(({ reading }) => reading?.faces ?? []), [6, 7]);
  });

  it('files counts and means alone, and deletes them after an hour, whoever has filed them', async () => {
    const [one, two] = [await start(), await start()];
    one.record(BAR, toFaces(6, 'sad'));
    await pass(12, one);
    const [name, ...more] = await listFiles();
    assert.deepEqual(more, []);
    assert.equal(moodKeys.parse(name!)?.step, START);
    const { bytes } = await blobs.read(CONTAINERS.moods, name!);
    const { probabilitySums, ...counts } = (JSON.parse(Buffer.from(bytes).toString()) as { venues: Record<string, Record<string, { probabilitySums: object }>> }).venues[SUN]!['bar']!;
    assert.deepEqual(counts, { images: 1, faces: 6, facesAtOnce: 6, counts: { happy: 0, sad: 6, angry: 0, fearful: 0 } });
    assert.deepEqual(Object.keys(probabilitySums), ['happy', 'sad', 'angry', 'fearful']);
    clock += 3_480_000;
    await two.refresh();
    assert.equal((await listFiles()).length, 1);
    clock += 120_000;
    await two.refresh();
    assert.deepEqual(await listFiles(), []);
    await one.refresh();
    assert.ok(one.series(SUN).every(({ reading }) => reading === null));
  });

  it('goes on by itself while storage is away, says so once, and shares again afterwards', async () => {
    const memory = createMemoryMoodStore();
    const [one, two] = [await start({ over: memory }), await start({ over: memory })];
    memory.fault = new Failure('dependency-unavailable', 'away');
    one.record(BAR, toFaces(6));
    await pass(20, one, two);
    assert.equal(one.now(SUN).now?.faces, 6);
    assert.equal(two.now(SUN).now, null);
    assert.equal(one.lines.filter(({ level }) => level === 'warn').length, 1);
    memory.fault = null;
    two.record(BAR, toFaces(8));
    await pass(20, one, two);
    assert.equal(one.now(SUN).now?.faces, 14);
    assert.equal(two.now(SUN).now?.faces, 8);
  });

  it('counts a bounded number of cameras, and venues apart from each other', async () => {
    const keeper = await start();
    assert.equal(keeper.record({ venue: 'the-moon', camera: 'bar' }, toFaces(9)), true);
    for (let camera = 1; camera < 500; camera += 1) assert.equal(keeper.record({ venue: SUN, camera: `camera-${camera}` }, toFaces(5)), true);
    assert.equal(keeper.record({ venue: SUN, camera: 'one-more' }, toFaces(5)), false);
    assert.equal(keeper.record({ venue: SUN, camera: 'camera-1' }, toFaces(5)), true);
    await pass(16, keeper);
    assert.equal(keeper.now('the-moon').now?.faces, 9);
    assert.equal(keeper.now(SUN).now?.faces, 500 * 5);
  });
});
