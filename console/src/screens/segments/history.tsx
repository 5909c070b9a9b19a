// Size over time, and who came and went.

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { day } from '@/format/time';
import { useMode } from '@/theme/mode';
import { palettes } from '@/theme/tokens';
import { Empty } from '@/ui/async';
import { Chart } from '@/ui/chart/chart';
import { Num, useLanguage, When } from '@/ui/values';
import type { Segment } from './queries';

type Moment = Segment['history'][number];

export function History({ moments }: { moments: Moment[] }) {
  const { t } = useTranslation('segments');
  const language = useLanguage();
  const mode = useMode();
  const names = useMemo(() => ({ size: t('size'), entered: t('entered'), left: t('left') }), [t]);
  const option = useMemo(() => optionOf(moments, names, (at) => day(at, language), mode), [moments, names, language, mode]);
  if (moments.length === 0) return <Empty title={t('history.none')} next={t('history.noneNext')} />;
  const rows = moments.toReversed().map((each) => [<When key="at" at={each.at} />, <Num key="size" value={each.size} exact />, <Num key="in" value={each.entered} exact />, <Num key="out" value={each.left} exact />]);
  return (
    <Chart
      option={option}
      height={300}
      saveAs="segment"
      label={t('history.chart')}
      table={{ columns: [{ title: t('history.when') }, { title: names.size, right: true }, { title: names.entered, right: true }, { title: names.left, right: true }], rows }}
    />
  );
}

interface Names {
  size: string;
  entered: string;
  left: string;
}

function optionOf(moments: Moment[], names: Names, write: (at: number) => string, mode: 'light' | 'dark') {
  const p = palettes[mode];
  return {
    grid: [
      { left: 8, right: 12, top: 36, height: 130, containLabel: true },
      { left: 8, right: 12, top: 200, bottom: 8, containLabel: true },
    ],
    legend: { top: 0, left: 0 },
    tooltip: { trigger: 'axis' },
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    xAxis: [0, 1].map((gridIndex) => ({ type: 'category', gridIndex, data: moments.map(({ at }) => write(at)), axisLabel: { show: gridIndex === 1 } })),
    yAxis: [
      { type: 'value', gridIndex: 0, scale: true, minInterval: 1, splitNumber: 3 },
      { type: 'value', gridIndex: 1, minInterval: 1, splitNumber: 2, axisLabel: { formatter: (value: number) => String(Math.abs(value)) } },
    ],
    series: [
      { name: names.size, type: 'line', data: moments.map(({ size }) => size), areaStyle: { opacity: 0.08 }, showSymbol: moments.length < 30 },
      { name: names.entered, type: 'bar', stack: 'flow', xAxisIndex: 1, yAxisIndex: 1, data: moments.map(({ entered }) => entered), itemStyle: { color: p.good }, barMaxWidth: 22 },
      { name: names.left, type: 'bar', stack: 'flow', xAxisIndex: 1, yAxisIndex: 1, data: moments.map(({ left }) => -left), itemStyle: { color: p.bad }, barMaxWidth: 22, tooltip: { valueFormatter: (value: number) => String(Math.abs(value)) } },
    ],
  };
}
