import { createRequire } from 'node:module';
import { Command } from 'commander';
import { createApiCommand } from './commands/api.ts';
import { createCancelCommand } from './commands/cancel.ts';
import { createCodecServerCommand } from './commands/codec-server.ts';
import { createDatasetsCommand } from './commands/datasets.ts';
import { createApproveCommand, createRejectCommand } from './commands/decide.ts';
import { createDoctorCommand } from './commands/doctor.ts';
import { createImportCommand } from './commands/import.ts';
import { createKeysCommand } from './commands/keys.ts';
import { createLogsCommand } from './commands/logs.ts';
import { createModelsCommand } from './commands/models.ts';
import { createNotifyCommand } from './commands/notify.ts';
import { createPortForwardCommand } from './commands/port-forward.ts';
import { createPredictCommand } from './commands/predict.ts';
import { createRetryCommand } from './commands/retry.ts';
import { createRolloutCommand } from './commands/rollout.ts';
import { createRunCommand } from './commands/run.ts';
import { createRunsCommand } from './commands/runs.ts';
import { createScheduleCommand } from './commands/schedule.ts';
import { createUpCommand } from './commands/up.ts';
import { createVenuesCommand } from './commands/venues.ts';
import { createWorkerCommand } from './commands/worker.ts';
import { createWorkersCommand } from './commands/workers.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const DESCRIPTION = `Reads the mood of a venue: from folders of labelled images to POST /predict.

  barometer up                 everything on this machine, with drawn faces
  barometer up --data faces/   the same with your images, in faces/<label>/
  barometer import faces/      upload more images
  barometer run                train on them, register what is good enough,
                               and roll it out where that is configured
  barometer runs               runs with their outcome; "runs show RUN" says more
  barometer predict photo.jpg  ask which emotion a photo shows
  barometer rollout            what runs in the cluster

Labels are happy, sad, angry and fearful. Settings come from environment
variables that begin with BAROMETER_; docs/operations.md lists them.`;

/** The `barometer` command with everything under it. */
export function createProgram(): Command {
  return new Command('barometer')
    .description(DESCRIPTION)
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError('(barometer --help says more)')
    .addCommand(createUpCommand())
    .addCommand(createImportCommand())
    .addCommand(createRunCommand())
    .addCommand(createRunsCommand())
    .addCommand(createCancelCommand())
    .addCommand(createRetryCommand())
    .addCommand(createApproveCommand())
    .addCommand(createRejectCommand())
    .addCommand(createPredictCommand())
    .addCommand(createKeysCommand())
    .addCommand(createVenuesCommand())
    .addCommand(createModelsCommand())
    .addCommand(createDatasetsCommand())
    .addCommand(createRolloutCommand())
    .addCommand(createLogsCommand())
    .addCommand(createPortForwardCommand())
    .addCommand(createScheduleCommand())
    .addCommand(createNotifyCommand())
    .addCommand(createDoctorCommand())
    .addCommand(createWorkerCommand())
    .addCommand(createWorkersCommand())
    .addCommand(createApiCommand())
    .addCommand(createCodecServerCommand());
}
