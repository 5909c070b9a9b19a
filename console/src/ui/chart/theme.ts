// ECharts in our tokens.

import { letters, type Mode, palettes, ramp, series } from '@/theme/tokens';

export function chartTheme(mode: Mode): object {
  const p = palettes[mode];
  const axis = {
    axisLine: { lineStyle: { color: p.lineStrong } },
    axisTick: { lineStyle: { color: p.line } },
    axisLabel: { color: p.inkFaint, fontSize: 12 },
    nameTextStyle: { color: p.inkFaint, fontSize: 12 },
    splitLine: { lineStyle: { color: p.line } },
  };
  return {
    color: series[mode],
    backgroundColor: 'transparent',
    textStyle: { fontFamily: letters.charts, color: p.ink },
    categoryAxis: { ...axis, splitLine: { show: false }, axisTick: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    logAxis: axis,
    timeAxis: { ...axis, splitLine: { show: false } },
    line: { symbol: 'circle', symbolSize: 6, lineStyle: { width: 2 } },
    bar: { itemStyle: { borderRadius: 2 } },
    legend: { textStyle: { color: p.inkSoft, fontSize: 12 }, itemWidth: 14, itemHeight: 10, icon: 'roundRect', pageTextStyle: { color: p.inkSoft } },
    tooltip: { backgroundColor: p.surface, borderColor: p.line, textStyle: { color: p.ink, fontSize: 13 }, extraCssText: `box-shadow:${p.shadow};border-radius:8px;` },
    visualMap: { textStyle: { color: p.inkFaint }, color: ramp[mode].toReversed() },
    dataZoom: { borderColor: p.line, textStyle: { color: p.inkFaint } },
  };
}
