import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What they do here where nobody can reach github.com: nothing, but upload-artifact, which keeps the folder. */
const ACTIONS: Readonly<Record<string, string>> = {
  'actions/checkout': composite(['persist-credentials'], 'true'),
  'actions/setup-node': composite(['node-version', 'package-manager-cache', 'cache'], 'true'),
  'actions/cache': composite(['path', 'key'], 'true'),
  'azure/login': composite(['client-id', 'tenant-id', 'subscription-id'], 'echo "signed in as $CLIENT_ID"', { CLIENT_ID: '${{ inputs.client-id }}' }),
  'actions/upload-artifact': composite(
    ['name', 'path', 'if-no-files-found', 'overwrite'],
    'mkdir -p "$ARTIFACTS/$NAME" && cp -r "$FOLDER/." "$ARTIFACTS/$NAME"',
    { NAME: '${{ inputs.name }}', FOLDER: '${{ inputs.path }}' },
  ),
};

/**
 * Arguments that let act use stand-ins for the actions that these files name, by their pinned commits.
 *
 * @param directory where the stand-ins are written
 * @throws when an action is used that has none
 */
export function toStandInArguments(directory: string, files: readonly string[]): string[] {
  const used = new Set(files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/uses: ([\w-]+\/[\w-]+)@([0-9a-f]{40})/g)].map(([, action, commit]) => `${action}@${commit}`)));
  return [...used].flatMap((reference) => {
    const [action] = reference.split('@') as [string];
    const definition = ACTIONS[action];
    if (definition === undefined) throw new Error(`${action} has no stand-in`);
    const folder = join(directory, action);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'action.yml'), definition);
    return ['--local-repository', `${reference}=${folder}`];
  });
}

function composite(inputs: readonly string[], run: string, env: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    name: 'Stand-in',
    description: 'Stands in for an action that is not here',
    inputs: Object.fromEntries(inputs.map((input) => [input, { description: input, required: false }])),
    runs: { using: 'composite', steps: [{ shell: 'bash', run, env }] },
  });
}
