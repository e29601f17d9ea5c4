import assert from 'node:assert/strict';
import { createEventTail } from '../../../../adapters/compute/azure-ml/event-tail.ts';
import type { DiaryEntry, TrainingEvent } from '../../../../domain/training.ts';

const toEntry = (second: number, event: TrainingEvent): DiaryEntry => ({ at: new Date(second * 1000).toISOString(), event });
const batch = (second: number, number: number) => toEntry(second, { type: 'batch', epoch: 1, epochs: 2, batch: number, batches: 9, loss: 1 });
const checkpoint = (second: number, epoch: number) => toEntry(second, { type: 'checkpoint', epoch, bytes: 1 });
const failed = (second: number) => toEntry(second, { type: 'failed', kind: 'training-failed', message: 'No.' });

describe('following a diary', () => {
  function open() {
    let entries: DiaryEntry[] = [];
    const told: TrainingEvent[] = [];
    const tail = createEventTail({ findEvents: async () => entries, findLog: async () => '' }, 'a-run', (event) => told.push(event));
    return {
      tail,
      async read(...newer: DiaryEntry[]) {
        entries = newer;
        told.length = 0;
        await tail.read();
        return [...told];
      },
    };
  }

  it('hands on each event once', async () => {
    const { read } = open();
    assert.equal((await read(checkpoint(1, 1))).length, 1);
    assert.deepEqual(await read(checkpoint(1, 1)), []);
    assert.deepEqual(await read(checkpoint(1, 1), checkpoint(2, 2)), [checkpoint(2, 2).event]);
  });

  it('hands on what replaces the last entry', async () => {
    const { read } = open();
    await read(checkpoint(1, 1), batch(2, 1));
    assert.deepEqual(await read(checkpoint(1, 1), batch(3, 2)), [batch(3, 2).event]);
    assert.deepEqual(await read(checkpoint(1, 1), checkpoint(4, 2)), [checkpoint(4, 2).event]);
  });

  it('knows of a failure only while it is the last word, and not from before the job', async () => {
    const { tail, read } = open();
    await read(failed(10));
    assert.equal(tail.failedSince(new Date(9_000))?.kind, 'training-failed');
    assert.equal(tail.failedSince(new Date(11_000)), null);
    await read(failed(10), checkpoint(20, 1));
    assert.equal(tail.failedSince(new Date(9_000)), null);
  });

  it('knows how long the program spoke', async () => {
    const { tail, read } = open();
    assert.equal(tail.spokeForMs(new Date(0)), null);
    await read(checkpoint(1, 1), checkpoint(5, 2), checkpoint(9, 3));
    assert.equal(tail.spokeForMs(new Date(0)), 8_000);
    assert.equal(tail.spokeForMs(new Date(2_000)), 4_000);
    assert.equal(tail.spokeForMs(new Date(10_000)), null);
  });
});
