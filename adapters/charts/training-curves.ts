import type { EChartsOption, SeriesOption } from 'echarts';
import type { EpochMetrics } from '../../domain/training.ts';
import { toPercent } from '../../domain/wording.ts';
import { COLOURS, toSvg } from './svg-chart.ts';

/**
 * Loss and accuracy of training and validation over the epochs, side by side, the best epoch marked, as SVG.
 *
 * @param bestEpoch whose weights were kept, which is not always the one with the lowest loss; null where the training has not come to an end
 */
export function drawTrainingCurves(history: readonly EpochMetrics[], bestEpoch: number | null): string {
  const best = history.find(({ epoch }) => epoch === bestEpoch) ?? null;
  const charts = [
    { title: 'Loss', training: 'loss', validation: 'validationLoss', label: (value: number) => value.toFixed(2) },
    { title: 'Accuracy', training: 'accuracy', validation: 'validationAccuracy', label: (value: number) => `${Math.round(value * 100)} %` },
  ] as const;
  const option: EChartsOption = {
    color: [COLOURS.training, COLOURS.validation],
    title: [
      ...charts.map(({ title }, index) => ({ text: title, left: index === 0 ? 56 : 536, top: 14, textStyle: { fontSize: 15, color: COLOURS.text } })),
      {
        text: best === null ? toProgress(history) : `best epoch ${best.epoch} of ${history.length}: ${toPercent(best.validationAccuracy)} of the validation images right`,
        left: 'center',
        bottom: 8,
        textStyle: { fontSize: 12, fontWeight: 'normal', color: COLOURS.faint },
      },
    ],
    legend: { right: 24, top: 14, itemGap: 20, data: ['training', 'validation'], textStyle: { color: COLOURS.text } },
    grid: charts.map((_, index) => ({ left: index === 0 ? 56 : 536, width: 400, top: 54, height: 250 })),
    xAxis: charts.map((_, gridIndex) => ({
      type: 'value' as const,
      gridIndex,
      min: 1,
      max: Math.max(2, history.length),
      minInterval: 1,
      name: 'epoch',
      nameLocation: 'middle' as const,
      nameGap: 28,
      splitLine: { show: false },
      axisLine: { lineStyle: { color: COLOURS.faint } },
    })),
    yAxis: charts.map(({ label }, gridIndex) => ({
      type: 'value' as const,
      gridIndex,
      scale: true,
      axisLabel: { formatter: label },
      splitLine: { lineStyle: { color: COLOURS.line } },
    })),
    series: charts.flatMap(({ training, validation }, index) => [
      toCurve('training', index, history.map((metrics) => [metrics.epoch, metrics[training]])),
      { ...toCurve('validation', index, history.map((metrics) => [metrics.epoch, metrics[validation]])), ...toMark(best) },
    ]),
  };
  return toSvg(option, { width: 960, height: 380 });
}

function toProgress(history: readonly EpochMetrics[]): string {
  const last = history.at(-1);
  return last === undefined ? 'no epoch finished yet' : `${last.epoch} of ${last.epochs} epochs`;
}

function toCurve(name: string, axisIndex: number, data: number[][]): SeriesOption {
  // A lone point has no line to be seen by.
  return { name, type: 'line', xAxisIndex: axisIndex, yAxisIndex: axisIndex, data, showSymbol: data.length === 1, lineStyle: { width: 2 } };
}

function toMark(best: EpochMetrics | null): Pick<Extract<SeriesOption, { type?: 'line' }>, 'markLine'> {
  if (best === null) return {};
  return {
    markLine: {
      silent: true,
      symbol: 'none',
      label: { show: false },
      lineStyle: { color: COLOURS.mark, type: 'dashed', width: 1.5 },
      data: [{ xAxis: best.epoch }],
    },
  };
}
