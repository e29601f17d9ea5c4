import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import type { MoodWatch, MoodWatchOptions } from '../../api/mood-watch.ts';
import { createMoodWatch } from '../../api/mood-watch.ts';
import { Failure } from '../../domain/failure.ts';
import type { MoodAlertInput } from '../../domain/mood-alert.ts';
import { FIGHT, toAlertingVenue } from '../support/mood-alerts.ts';

const VENUE = toAlertingVenue('https://sun.example/hook');
const LOUD = { faces: 10, shares: { happy: 0.6, sad: 0, angry: 0.4, fearful: 0 } };
const ENDS_AT = Date.parse('2026-11-24T22:10:00.000Z');
const NEVER_MS = 1_000_000;

describe('the watch over moods', () => {
  const watches: MoodWatch[] = [];
  const warnings: string[] = [];
  const logger: MoodWatchOptions['logger'] = { info() {}, warn: (_: unknown, message?: string) => { warnings.push(message ?? ''); } };

  afterEach(async () => {
    await Promise.all(watches.splice(0).map((watch) => watch.close()));
    warnings.length = 0;
  });

  function watch(overrides: Partial<MoodWatchOptions> = {}) {
    const started: MoodAlertInput[] = [];
    const state = { endsAt: ENDS_AT, opened: 0, closed: 0, asked: [] as number[] };
    const watching = createMoodWatch({
      listVenues: () => [VENUE],
      readSteps: (_, seconds) => {
        state.asked.push(seconds);
        return { endsAt: state.endsAt, steps: [LOUD, LOUD] };
      },
      openAlerts: async () => {
        state.opened += 1;
        return { start: async (alert) => { started.push(alert); }, close: async () => { state.closed += 1; } };
      },
      logger,
      pollMs: NEVER_MS,
      ...overrides,
    });
    watches.push(watching);
    return { watching, started, state };
  }

  it('starts an alert when a rule is true, at the time at which its last step ended', async () => {
    const { watching, started, state } = watch();
    await watching.refresh();
    assert.deepEqual(started, [{ at: '2026-11-24T22:10:00.000Z', venue: 'the-sun', rule: FIGHT, share: 0.4, faces: 20 }]);
    assert.deepEqual(state.asked, [60]);
  });

  it('looks at each step once, and at the next one again', async () => {
    const { watching, started, state } = watch();
    await watching.refresh();
    await watching.refresh();
    assert.equal(started.length, 1);
    state.endsAt += 10_000;
    await watching.refresh();
    assert.deepEqual(started.map(({ at }) => at), ['2026-11-24T22:10:00.000Z', '2026-11-24T22:10:10.000Z']);
    assert.equal(state.opened, 1);
  });

  it('opens nothing where no venue has a rule', async () => {
    const { watching, state } = watch({ listVenues: () => [{ ...VENUE, rules: [] }] });
    await watching.refresh();
    assert.equal(state.opened, 0);
  });

  it('starts nothing while no rule is true', async () => {
    const { watching, started } = watch({ readSteps: () => ({ endsAt: ENDS_AT, steps: [LOUD, null, null] }) });
    await watching.refresh();
    assert.deepEqual(started, []);
  });

  it('tries again while alerts can not be started, and complains once', async () => {
    let faults = 3;
    const told: MoodAlertInput[] = [];
    const { watching } = watch({
      openAlerts: async () => {
        if ((faults -= 1) > 1) throw new Failure('dependency-unavailable', 'There is no server.');
        return {
          async start(alert) {
            if ((faults -= 1) > 0) throw new Failure('dependency-unavailable', 'It does not answer.');
            told.push(alert);
          },
          close: async () => undefined,
        };
      },
    });
    for (let look = 0; look < 5; look += 1) await watching.refresh();
    assert.equal(told.length, 1);
    assert.equal(warnings.length, 1);
  });

  it('lets the client go at the end', async () => {
    const { watching, state } = watch();
    await watching.refresh();
    await watching.close();
    watches.length = 0;
    assert.equal(state.closed, 1);
  });
});
