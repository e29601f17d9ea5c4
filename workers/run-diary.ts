import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunStore } from '../adapters/blob-storage/run-store.ts';
import { createTensorBoard } from '../adapters/tensorflow/tensorboard.ts';
import type { DiaryEntry, EpochMetrics, TrainingEvent } from '../domain/training.ts';

/**
 * Keeps what a training says where people look for it: metrics, log and TensorBoard events of the run; and the events
 * themselves, for those who follow the run from another machine.
 */
export interface RunDiary {
  /** Takes an event and passes it on. */
  write(event: TrainingEvent): void;
  /** Takes an event that is passed on by somebody else. */
  note(event: TrainingEvent): void;
  /** Writes metrics, log and events to the storage account now. */
  save(): Promise<void>;
  /** What the epochs of earlier attempts took, in seconds. */
  secondsBefore(resumedFromEpoch: number): number;
  /** Writes what is left, and removes what was kept on this machine. */
  close(): Promise<void>;
}

/** Storage is written to now and then while training goes on, and once at the end. */
const SAVE_INTERVAL_MS = 5_000;

/**
 * Opens the diary of a run where an earlier attempt left it.
 *
 * @param passOn gets every event after it is noted
 */
export async function openRunDiary(runs: RunStore, runName: string, passOn: (event: TrainingEvent) => void): Promise<RunDiary> {
  const earlier = await runs.findMetrics(runName);
  let metrics: EpochMetrics[] = earlier;
  let log = await runs.findLog(runName);
  const entries = (await runs.findEvents(runName)).filter(isKept);
  const directory = await mkdtemp(join(tmpdir(), 'barometer-tensorboard-'));
  // Also when the process ends at once, because its parent is gone.
  const removeDirectory = () => {
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', removeDirectory);
  const board = createTensorBoard(directory);
  let saving: Promise<void> = Promise.resolve();
  let savedAt = performance.now();

  function note(event: TrainingEvent): void {
    const entry = { at: new Date().toISOString(), event };
    // Of those that only say how far it is, the last one is enough.
    if (entries.length > 0 && !isKept(entries.at(-1)!)) entries.pop();
    entries.push(entry);
    const line = toLogLine(event);
    if (line !== null) log += `${entry.at} ${line}\n`;
    if (event.type === 'started') metrics = metrics.slice(0, event.resumedFromEpoch);
    if (event.type !== 'epoch') return;
    metrics = [...metrics, event.metrics];
    board.write(event.metrics);
  }

  /** One write after the other, or an older one could win. */
  function save(): Promise<void> {
    savedAt = performance.now();
    saving = saving.catch(() => undefined).then(async () => {
      await runs.saveMetrics(runName, metrics);
      await runs.saveLog(runName, log);
      await runs.saveEvents(runName, entries);
    });
    return saving;
  }

  async function saveBoard(): Promise<void> {
    board.close();
    for (const fileName of await readdir(directory)) {
      await runs.saveTensorBoard(runName, fileName, await readFile(join(directory, fileName)));
    }
  }

  return {
    write(event) {
      note(event);
      passOn(event);
      if (performance.now() - savedAt < SAVE_INTERVAL_MS) return;
      // A lost write is made good by the next.
      save().catch((error: unknown) => {
        log += `${new Date().toISOString()} metrics could not be saved: ${String(error)}\n`;
      });
    },
    note,
    save,
    secondsBefore: (resumedFromEpoch) => earlier.slice(0, resumedFromEpoch).reduce((sum, { seconds }) => sum + seconds, 0),
    async close() {
      try {
        await save();
        await saveBoard();
      } finally {
        process.off('exit', removeDirectory);
        removeDirectory();
      }
    },
  };
}

function isKept({ event }: DiaryEntry): boolean {
  return event.type !== 'batch' && event.type !== 'reading';
}

function toLogLine(event: TrainingEvent): string | null {
  switch (event.type) {
    case 'started':
      return `${event.samples} images to train on, ${event.validationSamples} to validate; ${event.resumedFromEpoch === 0 ? 'from the beginning' : `after epoch ${event.resumedFromEpoch}`}`;
    case 'epoch': {
      const { epoch, epochs, loss, accuracy, validationLoss, validationAccuracy, learningRate, imagesPerSecond, dataWait = 0 } = event.metrics;
      return `epoch ${epoch}/${epochs} loss ${loss.toFixed(4)} accuracy ${accuracy.toFixed(4)} validation loss ${validationLoss.toFixed(4)} accuracy ${validationAccuracy.toFixed(4)} learning rate ${learningRate.toExponential(2)} ${imagesPerSecond.toFixed(0)} images/s, ${(100 * dataWait).toFixed(1)} % waiting for data`;
    }
    case 'checkpoint':
      return `checkpoint after epoch ${event.epoch}, ${event.bytes} bytes`;
    case 'log':
    case 'failed':
      return event.message;
    default:
      return null;
  }
}
