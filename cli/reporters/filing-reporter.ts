import { drawPictures } from './draw-pictures.ts';
import type { Gathering } from './gather-report.ts';
import { gatherReport } from './gather-report.ts';
import type { RunReporter } from './run-reporter.ts';
import { writeReport } from './write-report.ts';

/** Reports as another reporter does, and writes the report with its pictures into a folder at the end. */
export function createFilingReporter(reporter: RunReporter, directory: string, gathering: Omit<Gathering, 'onMissing'>): RunReporter {
  return {
    ...reporter,
    async ended(run, standing) {
      await reporter.ended(run, standing);
      const reported = await gatherReport(run, standing, { ...gathering, onMissing: (what) => { console.error(what); } });
      console.error(`The report is in ${await writeReport(directory, reported, await drawPictures(reported))}.`);
    },
  };
}
