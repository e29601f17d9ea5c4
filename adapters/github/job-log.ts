import { endGroup, error, info, notice, setOutput, startGroup, summary, warning } from '@actions/core';

/** What a step of GitHub Actions can say, on its standard output and in the files that the runner reads. */
export interface JobLog {
  /** Lines until the group is closed are folded below this one. */
  open(title: string): void;
  close(): void;
  say(line: string): void;
  /** Shown beside the job, at the top of the workflow run. */
  annotate(level: 'notice' | 'warning' | 'error', title: string, text: string): void;
  /** For later steps. */
  setOutput(name: string, value: string): void;
  /** Replaces the step's part of the job's summary. At most {@link SUMMARY_BYTES}. */
  summarise(markdown: string): Promise<void>;
}

/** GitHub refuses more than 1 MiB; some is left for what it adds. */
export const SUMMARY_BYTES = 1_000_000;

export function createJobLog(): JobLog {
  return {
    open(title) {
      startGroup(toLine(title));
    },
    close: endGroup,
    say(line) {
      info(toLine(line));
    },
    annotate(level, title, text) {
      ({ notice, warning, error })[level](text, { title });
    },
    setOutput,
    async summarise(markdown) {
      await summary.emptyBuffer().addRaw(markdown, true).write({ overwrite: true });
    },
  };
}

/** The runner obeys lines that begin with `::`, and `##[` anywhere in one: what is only quoted must be neither. */
function toLine(text: string): string {
  return text
    .replaceAll(/\s*[\r\n]+\s*/g, ' ')
    .replace(/^(\s*):(?=:)/, '$1:\u200B')
    .replaceAll('##[', '##\u200B[');
}
