import { toAccuracy } from './accuracy.ts';
import { toCandidatesTable } from './candidates-table.ts';
import { toClassTable } from './class-table.ts';
import { toConfusion } from './confusion.ts';
import { toCurves } from './curves.ts';
import { toOpening } from './headline.ts';
import { toMade } from './made.ts';
import { toNextSteps } from './next-steps.ts';
import type { PictureAddresses, ReportedRun } from './reported-run.ts';
import { toStepsTable } from './steps-table.ts';

/** Left out first when a report is too long for its place. */
const DISPENSABLE = ['candidates', 'training', 'confusion', 'made', 'steps', 'classes', 'accuracy'] as const;
type Section = 'opening' | 'next' | (typeof DISPENSABLE)[number];

const LEFT_OUT = '_Some of this report is left out here for its length; the whole of it is `report.md` in the artifact of this run._';

/**
 * A run as a page of Markdown for GitHub: what became of it, what to do next, how good the model is, what was done and made.
 *
 * @param mostBytes sections that don't fit any more are left out, the least important first, and the page says so
 */
export function toRunReport(run: ReportedRun, pictures: PictureAddresses, mostBytes = Number.MAX_SAFE_INTEGER): string {
  const sections = toSections(run, pictures);
  let page = toPage(sections, false);
  for (const name of DISPENSABLE) {
    if (Buffer.byteLength(page) <= mostBytes) return page;
    sections.delete(name);
    page = toPage(sections, true);
  }
  return page;
}

/** In the order in which they are read. */
function toSections(run: ReportedRun, pictures: PictureAddresses): Map<Section, string> {
  const { state } = run.standing;
  const report = state?.report ?? null;
  const sections: [Section, string | null][] = [
    ['opening', toOpening(run)],
    ['next', toNextSteps(run)],
    ['accuracy', state === null ? null : toAccuracy(state)],
    ['classes', report === null ? null : toClassTable(report)],
    ['confusion', report === null ? null : toConfusion(report.evaluation, pictures.confusion)],
    ['training', toCurves(run.training, pictures.curves)],
    ['candidates', state === null ? null : toCandidatesTable(state)],
    ['steps', state === null ? null : toStepsTable(state, run.attempts)],
    ['made', state === null ? null : toMade(state, run)],
  ];
  return new Map(sections.flatMap(([name, text]) => (text === null ? [] : [[name, text]])));
}

function toPage(sections: ReadonlyMap<Section, string>, isShortened: boolean): string {
  return `${[...sections.values(), ...(isShortened ? [LEFT_OUT] : [])].join('\n\n')}\n`;
}
