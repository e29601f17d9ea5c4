import type { EpochMetrics } from '../../domain/training.ts';
import { toNumberOf, toPercent } from '../../domain/wording.ts';
import { toDuration } from '../output/format.ts';
import { toAttribute } from './markdown.ts';
import type { TrainingFacts } from './reported-run.ts';

/** Blue and orange, that colour-blind people tell apart, and that are seen on white as well as on black. */
const LINES = { training: '#2f8fd0', validation: '#e0701a' } as const;
/** A chart of GitHub's own does not get clearer with more points. */
const MOST_POINTS = 60;

/** How the training went: as a picture, or as charts that GitHub draws itself; null where nothing is known of it. */
export function toCurves(training: TrainingFacts | null, picture: string | null): string | null {
  const history = training?.history ?? [];
  const said = training === null ? [] : toSaid(training);
  const shown =
    picture !== null
      ? [`<img src="${toAttribute(picture)}" alt="Loss and accuracy over the epochs" width="860">`]
      : history.length < 2
        ? []
        : toCharts(history);
  return shown.length + said.length === 0 ? null : ['### Training', ...said, ...shown].join('\n\n');
}

function toSaid({ history, bestEpoch, parameters, seconds }: TrainingFacts): string[] {
  const best = history.find(({ epoch }) => epoch === bestEpoch);
  const parts = [
    ...(history.length === 0 ? [] : [toNumberOf(history.length, 'epoch')]),
    ...(bestEpoch === null ? [] : [`the best was epoch ${bestEpoch}${best === undefined ? '' : ` with ${toPercent(best.validationAccuracy)} of the validation images right`}`]),
    ...(parameters === null ? [] : [`${parameters.toLocaleString('en')} parameters`]),
    ...(seconds === null ? [] : [toDuration(seconds * 1_000)]),
  ];
  return parts.length === 0 ? [] : [`${parts.join(', ')}.`];
}

function toCharts(history: readonly EpochMetrics[]): string[] {
  const points = thin(history);
  return [
    '🔵 training 🟠 validation',
    toChart('Loss', points, ({ loss }) => loss, ({ validationLoss }) => validationLoss),
    toChart('Accuracy in %', points, ({ accuracy }) => accuracy * 100, ({ validationAccuracy }) => validationAccuracy * 100),
  ];
}

type Pick = (metrics: EpochMetrics) => number;

function toChart(title: string, points: readonly EpochMetrics[], training: Pick, validation: Pick): string {
  const toList = (pick: Pick) => points.map((metrics) => toNumber(pick(metrics))).join(', ');
  const values = points.flatMap((metrics) => [training(metrics), validation(metrics)]).filter(Number.isFinite);
  const palette = `%%{init: {"themeVariables": {"xyChart": {"backgroundColor": "transparent", "plotColorPalette": "${LINES.training}, ${LINES.validation}"}}}}%%`;
  return [
    '```mermaid',
    palette,
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis "epoch" ${points[0]!.epoch} --> ${points.at(-1)!.epoch}`,
    `  y-axis ${toNumber(Math.min(...values))} --> ${toNumber(Math.max(...values))}`,
    `  line [${toList(training)}]`,
    `  line [${toList(validation)}]`,
    '```',
  ].join('\n');
}

/** Every so-manieth, always with the last. */
function thin(history: readonly EpochMetrics[]): EpochMetrics[] {
  const stride = Math.ceil(history.length / MOST_POINTS);
  return history.filter((_, index) => (history.length - 1 - index) % stride === 0);
}

function toNumber(value: number): string {
  return (Number.isFinite(value) ? value : 0).toFixed(3);
}
