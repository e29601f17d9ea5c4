import type { TrackedTraining } from './tracked-training.ts';

/** What MLflow shows as the run's description, in Markdown. */
export function toRunNote({ spec, datasetVersion, artifacts }: TrackedTraining): string {
  return [
    `Training of Barometer's run \`${spec.runName}\`, commit \`${spec.gitSha}\`, data set \`${datasetVersion}\`.`,
    '',
    ...artifacts.map(({ title, url }) => `- [${title}](${url})`),
  ].join('\n');
}
