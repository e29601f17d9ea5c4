import type { EChartsOption } from 'echarts';
import type { Confidence } from '../../domain/confidence.ts';
import { toPercent } from '../../domain/wording.ts';
import { COLOURS, toHeading, toSvg } from './svg-chart.ts';

/** How often answers are right, by how sure they are, as SVG: the nearer to the diagonal, the better confidence can be believed. */
export function drawReliability({ bins, calibrationError, errorByChance, named }: Confidence): string {
  const axis = {
    type: 'value' as const,
    min: 0,
    max: 1,
    axisLabel: { formatter: (value: number) => `${Math.round(value * 100)} %`, color: COLOURS.text },
    axisLine: { show: true, lineStyle: { color: COLOURS.faint } },
    splitLine: { lineStyle: { color: COLOURS.line } },
    nameLocation: 'middle' as const,
    nameTextStyle: { color: COLOURS.faint, fontSize: 13 },
  };
  const option: EChartsOption = {
    title: toHeading(
      `Confidence is off by ${toPercent(calibrationError)} on average`,
      `${toPercent(errorByChance)} would be by chance with so few images; ${bins.length} groups of equally many`,
    ),
    grid: { left: 84, right: 32, top: 76, bottom: 64 },
    xAxis: { ...axis, name: 'confidence', nameGap: 34 },
    yAxis: { ...axis, name: 'share of right answers', nameGap: 54 },
    series: [
      { type: 'line', silent: true, symbol: 'none', lineStyle: { color: COLOURS.faint, type: 'dashed', width: 1.5 }, data: [[0, 0], [1, 1]] },
      {
        type: 'line',
        symbol: 'circle',
        symbolSize: 9,
        lineStyle: { color: COLOURS.training, width: 2 },
        itemStyle: { color: COLOURS.training },
        data: bins.map(({ confidence, accuracy }) => [confidence, accuracy]),
        ...(named.uncertainBelow > 0 && {
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: COLOURS.mark, type: 'dashed', width: 1.5 },
            label: { formatter: 'named from here on', position: 'insideStartBottom', color: COLOURS.mark },
            data: [{ xAxis: named.uncertainBelow }],
          },
        }),
      },
    ],
  };
  return toSvg(option, { width: 560, height: 520 });
}
