import { toPng } from '../../adapters/vision/picture.ts';
import type { PictureAddresses, ReportedRun } from '../report/reported-run.ts';

export interface Picture {
  readonly name: keyof PictureAddresses;
  readonly svg: string;
  readonly png: Uint8Array;
}

/** The pictures of a report: how the training went, what was taken for what. Those that nothing is known for are left out. */
export async function drawPictures({ standing, training }: ReportedRun): Promise<Picture[]> {
  const report = standing.state?.report ?? null;
  const history = training?.history ?? [];
  if (report === null && history.length === 0) return [];
  // The library behind it takes longer to load than most commands take.
  const [{ drawConfusionMatrix }, { drawTrainingCurves }] = await Promise.all([
    import('../../adapters/charts/confusion-matrix.ts'),
    import('../../adapters/charts/training-curves.ts'),
  ]);
  return [
    ...(history.length === 0 ? [] : [await toPicture('curves', drawTrainingCurves(history, training?.bestEpoch ?? null))]),
    ...(report === null ? [] : [await toPicture('confusion', drawConfusionMatrix(report.evaluation))]),
  ];
}

async function toPicture(name: Picture['name'], svg: string): Promise<Picture> {
  return { name, svg, png: await toPng(svg) };
}
