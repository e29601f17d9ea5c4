import type { Config } from '../../config/config.ts';
import { isFailure } from '../../domain/failure.ts';
import { toErrorText } from '../output/error-text.ts';
import { openStores } from '../open-stores.ts';
import { createFilingReporter } from './filing-reporter.ts';
import type { RunReporter } from './run-reporter.ts';
import { createTerminalReporter } from './terminal-reporter.ts';

export const REPORTERS = ['terminal', 'github'] as const;

export interface ReporterOptions {
  readonly reporter: (typeof REPORTERS)[number];
  /** A folder for the report. */
  readonly report?: string;
  readonly json?: true;
}

/** The reporter that the options of a command ask for. */
export async function chooseReporter({ reporter, report, json }: ReporterOptions, config: Config): Promise<RunReporter> {
  if (reporter === 'github') {
    const [{ createJobLog }, { createGithubReporter }] = await Promise.all([import('../../adapters/github/job-log.ts'), import('./github-reporter.ts')]);
    return createGithubReporter({ config, stores: openStores(config), log: createJobLog(), reportDirectory: report ?? null });
  }
  const terminal = createTerminalReporter({ json: json ?? false });
  return report === undefined ? terminal : createFilingReporter(terminal, report, { config, stores: openStores(config) });
}

/** Says beside a job of GitHub Actions why there was no run to follow. */
export async function annotateError(error: unknown): Promise<void> {
  const { createJobLog } = await import('../../adapters/github/job-log.ts');
  createJobLog().annotate('error', 'The run could not be followed', isFailure(error) ? error.message : toErrorText(error));
}
