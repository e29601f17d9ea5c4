import type { EChartsOption } from 'echarts';
import { EMOTIONS } from '../../domain/emotion.ts';
import type { Evaluation } from '../../domain/evaluation.ts';
import { toPercent } from '../../domain/wording.ts';
import { COLOURS, toHeading, toSvg } from './svg-chart.ts';

/** How often each expression was taken for which, as SVG: shares of each row, counts below them. */
export function drawConfusionMatrix({ confusion, accuracy, accuracyInterval, samples }: Evaluation): string {
  const cells = confusion.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, answer) => ({ truth, answer, count, share: total === 0 ? 0 : count / total }));
  });
  const axis = {
    type: 'category' as const,
    data: [...EMOTIONS],
    axisTick: { show: false },
    axisLine: { show: false },
    axisLabel: { color: COLOURS.text, fontSize: 13 },
    nameLocation: 'middle' as const,
    nameTextStyle: { color: COLOURS.faint, fontSize: 13 },
  };
  const option: EChartsOption = {
    title: toHeading(
      `${toPercent(accuracy)} of ${samples} test images right`,
      `95 % confidence: ${toPercent(accuracyInterval.lower)} to ${toPercent(accuracyInterval.upper)}`,
    ),
    grid: { left: 96, right: 32, top: 76, bottom: 64 },
    xAxis: { ...axis, name: 'answer', nameGap: 34 },
    yAxis: { ...axis, name: 'truth', nameGap: 70, inverse: true },
    visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { color: ['#f4f8fb', '#8ebfdd', COLOURS.training] } },
    series: [
      {
        type: 'heatmap',
        itemStyle: { borderColor: COLOURS.background, borderWidth: 3, borderRadius: 4 },
        data: cells.map(({ truth, answer, count, share }) => ({
          value: [answer, truth, share],
          label: {
            show: true,
            // White on the dark end of the scale.
            color: share > 0.7 ? COLOURS.background : COLOURS.text,
            formatter: `{share|${Math.round(share * 100)} %}\n{count|${count}}`,
            rich: { share: { fontSize: 18, fontWeight: 'bold', lineHeight: 24 }, count: { fontSize: 11, lineHeight: 14 } },
          },
        })),
      },
    ],
  };
  return toSvg(option, { width: 560, height: 520 });
}
