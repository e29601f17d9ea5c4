import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Failure } from '../../domain/failure.ts';
import type { TrainingEvent, TrainingSpec } from '../../domain/training.ts';
import { trainingEventSchema } from '../../domain/training.ts';

export interface LocalProcessOptions {
  /** Executable and arguments that start the `train` program; `--run <name>` is added. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What one run's environment has besides; asked when it starts. */
  readonly toRunEnvironment?: () => Readonly<Record<string, string>>;
  /** How long the program may take to end by itself when asked to, before it is killed. */
  readonly gracePeriodMs?: number;
}

export interface RunOptions {
  readonly onEvent: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

/** Lines of the program's error output that go into a failure's message. */
const TAIL_LINES = 5;

/**
 * Runs the `train` program as a child process on this machine. The program is connected to its parent by an IPC channel
 * and ends itself when the channel breaks, so that a killed worker leaves no training behind.
 */
export function createLocalCompute({ command, environment, toRunEnvironment = () => ({}), gracePeriodMs = 3_000 }: LocalProcessOptions) {
  const [executable, ...args] = command;
  return {
    /**
     * @throws Failure of the program's own kind, or `training-interrupted` when it ended without giving one;
     *   the signal's reason when aborted, after the program has ended
     */
    async run({ runName }: Pick<TrainingSpec, 'runName'>, { onEvent, signal }: RunOptions): Promise<void> {
      signal.throwIfAborted();
      const child = spawn(executable, [...args, '--run', runName], {
        env: { ...environment, ...toRunEnvironment() },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      const stop = () => {
        endProcess(child, gracePeriodMs);
      };
      signal.addEventListener('abort', stop, { once: true });
      try {
        const [ended, failed, tail] = await Promise.all([
          waitForEnd(child),
          readEvents(child, onEvent),
          readTail(child),
        ]);
        signal.throwIfAborted();
        if (failed !== null) throw new Failure(failed.kind, failed.message);
        if (ended !== 'exit code 0') {
          const lastWords = tail.length === 0 ? '' : ` Its last words: ${tail.join(' / ')}`;
          throw new Failure('training-interrupted', `The training program ended with ${ended}.${lastWords}`);
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },

    /** Nothing to do: the program ends with the process that started it. */
    end: (): Promise<void> => Promise.resolve(),
  };
}

function endProcess(child: ChildProcess, gracePeriodMs: number): void {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), gracePeriodMs);
  child.once('close', () => {
    clearTimeout(timer);
  });
}

function waitForEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve(`no start (${error.code ?? 'unknown'})`);
    });
    child.once('close', (code, signalName) => {
      resolve(signalName === null ? `exit code ${code}` : `signal ${signalName}`);
    });
  });
}

type FailedEvent = Extract<TrainingEvent, { type: 'failed' }>;

/** Hands every event on as it comes; resolves with the one that says why the program gave up. */
async function readEvents(child: ChildProcess, onEvent: RunOptions['onEvent']): Promise<FailedEvent | null> {
  let failed: FailedEvent | null = null;
  for await (const line of createInterface({ input: child.stdout! })) {
    const event = toEvent(line);
    if (event.type === 'failed') failed = event;
    onEvent(event);
  }
  return failed;
}

/** A library may print to standard output too: such a line is a log line. */
function toEvent(line: string): TrainingEvent {
  try {
    return trainingEventSchema.parse(JSON.parse(line));
  } catch {
    return { type: 'log', message: line };
  }
}

async function readTail(child: ChildProcess): Promise<string[]> {
  const tail: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
  }
  return tail;
}
