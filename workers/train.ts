/**
 * The `train` program: `node workers/train.ts --run <name>`. Reads the run's spec and samples from the storage account,
 * trains, and writes everything back under the run. Says what it does as JSON lines on standard output, so that whoever
 * started it can follow, on this machine or another. Goes on from the run's last checkpoint when there is one.
 */
import { parseArgs } from 'node:util';
import { createStores } from '../adapters/blob-storage/stores.ts';
import { startTracing } from '../adapters/telemetry/start-tracing.ts';
import { greyPngCodec } from '../adapters/vision/grey-png.ts';
import { loadConfig } from '../config/config.ts';
import { Failure, isFailure } from '../domain/failure.ts';
import type { TrainingEvent } from '../domain/training.ts';
import { trainRun } from './train-run.ts';
import { createStartChart } from './training-chart.ts';

/** One line, written at once: a parent reads them as they come. */
function say(event: TrainingEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** The parent is gone, perhaps killed: nobody waits for this training, and another attempt may be under way. */
function endWithParent(): void {
  process.exit(1);
}

/** Ends with the process that started this one, and when asked to. */
function createEndSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => { controller.abort(); });
  process.once('disconnect', endWithParent);
  // Gone before, while modules were loading.
  if (process.send !== undefined && !process.connected) endWithParent();
  return controller.signal;
}

try {
  const { values } = parseArgs({ options: { run: { type: 'string' } } });
  if (values.run === undefined) throw new Failure('input-invalid', 'Say which run to train: --run <name>.');
  const config = loadConfig();
  const { run: runName } = values;
  const stores = createStores(config.storage, greyPngCodec);
  const tracing = await startTracing(config.telemetry.tracing, { name: 'barometer-train', version: config.code.gitSha, isBrief: true, warn: console.error });
  const signal = createEndSignal();
  const train = () => trainRun({ runName, stores, startChart: createStartChart(config), checkpointIntervalMs: config.pipeline.checkpointIntervalMs, say, signal });
  await tracing.inSpan('Train', { attributes: { 'barometer.run': runName } }, train).finally(tracing.end);
} catch (error) {
  if (isFailure(error)) say({ type: 'failed', kind: error.kind, message: error.message });
  else console.error(error);
  process.exitCode = 1;
}
// The parent's channel would keep this process alive.
process.off('disconnect', endWithParent);
if (process.connected) process.disconnect();
