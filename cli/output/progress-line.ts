import { createLogUpdate } from 'log-update';

export interface ProgressLine {
  /** Replaces what is shown. */
  show(text: string): void;
  /** Leaves the last text, or this one, standing. */
  end(text?: string): void;
}

/** Without a terminal a line is only worth printing now and then. */
const INTERVAL_WITHOUT_TERMINAL_MS = 10_000;

/** Text that changes in place on a terminal; elsewhere (a log file, CI) a new line every ten seconds. Written to stderr. */
export function createProgressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  // Some terminals that no person looks at say that they have no lines: nothing would be left of what changes in place.
  return stream.isTTY && stream.rows !== 0 ? createChangingLine(stream) : createSlowLines(stream);
}

function createChangingLine(stream: NodeJS.WriteStream): ProgressLine {
  const update = createLogUpdate(stream);
  return {
    show: (text) => {
      update(text);
    },
    end: (text) => {
      if (text !== undefined) update(text);
      update.done();
    },
  };
}

function createSlowLines(stream: NodeJS.WriteStream): ProgressLine {
  let shownAt = Date.now();
  return {
    show(text) {
      if (Date.now() - shownAt < INTERVAL_WITHOUT_TERMINAL_MS) return;
      shownAt = Date.now();
      stream.write(`${text}\n`);
    },
    end(text) {
      if (text !== undefined) stream.write(`${text}\n`);
    },
  };
}

const BAR_WIDTH = 30;

/** `██████░░░░ 123/456`; the total may be unknown. */
export function toBar(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return String(done);
  const filled = Math.min(BAR_WIDTH, Math.round((done / total) * BAR_WIDTH));
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${done}/${total}`;
}
