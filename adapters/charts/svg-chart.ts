import * as echarts from 'echarts';
import type { EChartsOption, TitleComponentOption } from 'echarts';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

// No quotes: echarts would write them into an attribute as they are.
const FONT = 'system-ui, sans-serif';

/** Colours that stay apart for colour-blind people (Okabe and Ito 2008), and greys for text. */
export const COLOURS = {
  training: '#0072b2',
  validation: '#d55e00',
  mark: '#009e73',
  text: '#1f2933',
  faint: '#6b7785',
  line: '#e1e6eb',
  background: '#ffffff',
} as const;

/** What a chart says, above it: in a sentence, and below that what to think of it. */
export function toHeading(text: string, subtext: string): TitleComponentOption {
  return {
    text,
    subtext,
    left: 'center',
    top: 12,
    textStyle: { fontSize: 16, color: COLOURS.text },
    subtextStyle: { fontSize: 12, color: COLOURS.faint },
  };
}

/** Draws a chart as an SVG document that needs no other file: no script, no style sheet, no font. */
export function toSvg(option: EChartsOption, { width, height }: ChartSize): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: COLOURS.background,
      textStyle: { fontFamily: FONT, color: COLOURS.text },
      ...option,
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
