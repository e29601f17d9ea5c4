import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onExit } from '../../../setup/on-exit.js';
import { toStandInArguments } from './stand-ins.ts';
import type { Workspace } from './workspace.ts';

/** One line that act says; what a runner does with a workflow command is in `command` and its companions. */
export interface ActLine {
  readonly level: string;
  readonly msg: string;
  readonly stepID?: readonly string[];
  /** `group`, `notice`, `error`, `summary`, `set-output`, … */
  readonly command?: string;
  readonly kvPairs?: Readonly<Record<string, string>>;
  readonly arg?: string;
  readonly name?: string;
  readonly content?: string;
  readonly jobResult?: string;
}

export interface JobRun {
  readonly exitCode: number | null;
  readonly lines: readonly ActLine[];
  /** What the job's steps have printed. */
  readonly output: string;
  /** The summary of the job, in the order of its steps. */
  readonly summary: string;
  /** Of all steps that have set one, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Path of a file of an uploaded artifact; null when it was not uploaded. */
  findArtifact(name: string, file: string): string | null;
}

export interface ActOptions {
  readonly act: string;
  readonly workspace: Workspace;
  /** `workflow_dispatch`, `push`, `pull_request`. */
  readonly event: string;
  readonly workflow: string;
  /** The payload of the event. */
  readonly payload?: unknown;
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningJob {
  readonly finished: Promise<JobRun>;
  output(): string;
  /** As somebody who presses "Cancel workflow". */
  cancel(): void;
  kill(): void;
}

/** Executes a workflow on this machine, as a self-hosted runner would, with stand-ins for the actions that are elsewhere. */
export function startJob({ act, workspace, event, workflow, payload = {}, vars = {}, secrets = {}, env = {} }: ActOptions): RunningJob {
  const home = mkdtempSync(join(tmpdir(), 'barometer-act-'));
  const artifacts = join(home, 'artifacts');
  mkdirSync(artifacts);
  writeFileSync(join(home, 'event.json'), JSON.stringify(payload));
  const each = (option: string, values: Readonly<Record<string, string>>) => Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`]);
  const child = spawn(
    act,
    [
      event,
      ...['--workflows', join(workspace.directory, '.github/workflows', workflow)],
      ...['--eventpath', join(home, 'event.json')],
      ...['--platform', 'ubuntu-latest=-self-hosted'],
      ...['--no-cache-server', '--use-gitignore=false', '--json', '--insecure-secrets'],
      ...['--action-cache-path', join(home, 'cache')],
      ...toStandInArguments(join(home, 'actions'), [join(workspace.directory, 'action.yml'), join(workspace.directory, '.github/workflows', workflow)]),
      ...each('--var', vars),
      ...each('--secret', secrets),
      ...each('--env', { ARTIFACTS: artifacts, ...env }),
    ],
    { cwd: workspace.directory, env: { ...process.env, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const kill = () => {
    child.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  };
  const forget = onExit(kill);
  const lines: ActLine[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(toLine(line)));
  }
  const output = () => lines.map(({ msg }) => msg).join('\n');

  async function finish(): Promise<JobRun> {
    await once(child, 'close');
    forget();
    const outputs = Object.fromEntries(lines.flatMap(({ command, name, arg }) => (command === 'set-output' && name !== undefined ? [[name, arg ?? '']] : [])));
    const summary = lines.flatMap(({ command, content }) => (command === 'summary' ? [content ?? ''] : [])).join('\n');
    const findArtifact = (name: string, file: string): string | null => {
      const path = join(artifacts, name, file);
      return existsSync(path) ? path : null;
    };
    return { exitCode: child.exitCode, lines, output: output(), summary, outputs, findArtifact };
  }

  const finished = finish();
  return {
    finished,
    output,
    cancel() {
      child.kill('SIGINT');
    },
    kill,
  };
}

function toLine(text: string): ActLine {
  try {
    return JSON.parse(text) as ActLine;
  } catch {
    return { level: 'info', msg: text };
  }
}

