// The waterfall of a score.

import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useMode } from '@/theme/mode';
import { palettes } from '@/theme/tokens';
import { Chart } from '@/ui/chart/chart';
import { useSay } from '@/ui/words';
import type { ExplainedScore } from './queries';
import { decimalText } from './records';
import { type Step, steps } from './waterfall-steps';

const FEATURES_SHOWN = 10;
const BAR_SHARE = 0.62;
const ROW_PIXELS = 32;

export function Waterfall({ explained }: { explained: ExplainedScore }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  const mode = useMode();
  const called = useMemo(() => namesOf(explained, say, t('scores.base'), t('scores.rest'), t('scores.margin')), [explained, say, t]);
  const bars = useMemo(() => steps(explained, FEATURES_SHOWN).steps, [explained]);
  const option = useMemo(() => optionOf(bars, called, mode), [bars, called, mode]);
  const rows = explained.effects.map((effect) => [say(effect.called), effect.value ? decimalText(effect.value) : '—', figure(effect.adds)]);
  return (
    <Chart
      option={option}
      height={bars.length * ROW_PIXELS + 48}
      label={t('scores.chart')}
      table={{ columns: [{ title: t('scores.feature') }, { title: t('profile.value'), right: true }, { title: t('scores.adds'), right: true }], rows }}
    />
  );
}

const figure = (value: number) => `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(3)}`;

function namesOf(explained: ExplainedScore, say: ReturnType<typeof useSay>, base: string, rest: string, margin: string): Map<string, string> {
  const features = explained.effects.map((effect) => {
    const value = effect.value === null || effect.value === undefined ? '' : ` = ${decimalText(effect.value)}`;
    return [effect.feature, say(effect.called) + value] as const;
  });
  return new Map([...features, ['base', base], ['rest', rest], ['margin', margin]]);
}

function optionOf(bars: Step[], called: Map<string, string>, mode: 'light' | 'dark') {
  const p = palettes[mode];
  const colour = (bar: Step) => (bar.kind === 'total' ? p.lineStrong : bar.to >= bar.from ? p.brass : p.primary);
  return {
    grid: { left: 8, right: 56, top: 8, bottom: 28, containLabel: true },
    tooltip: { trigger: 'item', formatter: ({ dataIndex }: { dataIndex: number }) => tip(bars[dataIndex], called) },
    xAxis: { type: 'value', scale: true },
    yAxis: { type: 'category', inverse: true, data: bars.map((bar) => called.get(bar.key) ?? bar.key), axisLabel: { width: 240, overflow: 'truncate', color: p.inkSoft }, axisLine: { show: false } },
    series: [{ type: 'custom', renderItem: (params: CustomSeriesRenderItemParams, chart: CustomSeriesRenderItemAPI) => draw(bars[params.dataIndex], params.dataIndex, chart, colour, p.inkSoft), encode: { x: [1, 2], y: 0 }, data: bars.map((bar, nth) => [nth, bar.from, bar.to]) }],
  };
}

function tip(bar: Step | undefined, called: Map<string, string>): string {
  if (!bar) return '';
  const value = bar.kind === 'total' ? bar.to.toFixed(3) : figure(bar.to - bar.from);
  return `${escape(called.get(bar.key) ?? bar.key)}<br/><b>${value}</b>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function draw(bar: Step | undefined, nth: number, chart: CustomSeriesRenderItemAPI, colour: (bar: Step) => string, ink: string) {
  if (!bar) return null;
  const [left = 0, middle = 0] = chart.coord([Math.min(bar.from, bar.to), nth]);
  const [right = 0] = chart.coord([Math.max(bar.from, bar.to), nth]);
  const size = chart.size?.([0, 1]);
  const height = (Array.isArray(size) ? (size[1] ?? ROW_PIXELS) : ROW_PIXELS) * BAR_SHARE;
  const text = bar.kind === 'total' ? bar.to.toFixed(2) : figure(bar.to - bar.from);
  return {
    type: 'group',
    children: [
      { type: 'rect', shape: { x: left, y: middle - height / 2, width: Math.max(right - left, 2), height, r: 2 }, style: { fill: colour(bar) } },
      { type: 'text', style: { text, x: right + 6, y: middle, textVerticalAlign: 'middle', fill: ink, fontSize: 12 } },
    ],
  };
}
