import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import type { PictureAddresses, ReportedRun } from '../report/reported-run.ts';
import { toRunReport } from '../report/run-report.ts';
import type { Picture } from './draw-pictures.ts';

const REPORT_FILE = 'report.md';

/**
 * Writes the report into a folder, which is made: `report.md`, and the pictures that it shows as `.png`, each as `.svg` too.
 *
 * @returns the path of the report
 * @throws Failure `input-invalid` when the folder can't be written to
 */
export async function writeReport(directory: string, run: ReportedRun, pictures: readonly Picture[]): Promise<string> {
  const path = join(directory, REPORT_FILE);
  try {
    await mkdir(directory, { recursive: true });
    for (const { name, svg, png } of pictures) {
      await writeFile(join(directory, `${name}.svg`), svg);
      await writeFile(join(directory, `${name}.png`), png);
    }
    await writeFile(path, toRunReport(run, toFiles(pictures)));
  } catch (error) {
    throw new Failure('input-invalid', `The report can't be written to ${directory}. Give a folder that can be, with --report.`, { cause: error });
  }
  return path;
}

function toFiles(pictures: readonly Picture[]): PictureAddresses {
  const names = new Set(pictures.map(({ name }) => name));
  return { curves: names.has('curves') ? 'curves.png' : null, confusion: names.has('confusion') ? 'confusion.png' : null };
}
