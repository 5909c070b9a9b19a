// An answer as a picture. Every part carries the row that it was drawn from, so that a click opens it.

import type { EChartsCoreOption } from 'echarts/core';
import { shortNumber } from '@/format/number';
import type { Language } from '@/i18n';
import { type Mode, palettes, ramp } from '@/theme/tokens';
import { written } from '@/ui/rows-table';
import { numberOf } from './pivot';
import { type ChartType, periodOf, type Rows, type Shelves } from './shelves';

export interface Drawn {
  shelves: Shelves;
  rows: Rows;
  language: Language;
  mode: Mode;
}

type Row = readonly unknown[];

interface Point {
  value: unknown;
  row: Row | undefined;
  name?: string;
}

const SLICES_MAX = 12;

/** What a drawing needs to know of an answer. */
function facts({ shelves, rows, language }: Drawn) {
  const dimensions = shelves.dimensions?.length ?? 0;
  const compared = Boolean(shelves.compare);
  const step = compared ? 2 : 1;
  const measures = shelves.measures.map((_, nth) => ({ at: dimensions + nth * step, name: rows.columns[dimensions + nth * step]?.name ?? '' }));
  const before = compared ? shelves.measures.map((_, nth) => ({ at: dimensions + nth * step + 1, name: rows.columns[dimensions + nth * step + 1]?.name ?? '' })) : [];
  const text = (row: Row, at: number) => {
    const column = rows.columns[at];
    return periodOf(row[at], shelves.dimensions?.[at] ?? {}) ?? (column ? written(row[at], column, language) : '');
  };
  const unique = (at: number) => [...new Set(rows.rows.map((row) => text(row as Row, at)))];
  return { dimensions, measures, before, text, unique, list: rows.rows as readonly Row[] };
}

const axisNumber = (language: Language) => ({ axisLabel: { formatter: (value: number) => shortNumber(value, language).short } });
const tipNumber = (language: Language) => (value: unknown) => (value === null || value === undefined || value === '-' ? '—' : shortNumber(Number(value), language).exact);

function point(row: Row | undefined, at: number): Point {
  return { value: row ? numberOf(row[at]) : null, row };
}

function cartesian(drawn: Drawn, type: 'bar' | 'line', options: { stack?: boolean; area?: boolean }) {
  const { dimensions, measures, before, text, unique, list } = facts(drawn);
  const categories = dimensions === 0 ? [''] : unique(0);
  const shape = { type, ...(options.area ? { areaStyle: { opacity: 0.16 } } : {}), ...(type === 'bar' ? { barMaxWidth: 44 } : { showSymbol: categories.length < 40 }) };
  const series = dimensions > 1 ? byColour() : [...measures, ...before].map((measure) => ({ ...shape, name: measure.name, stack: options.stack && before.length === 0 ? 'all' : undefined, ...(before.includes(measure) ? { itemStyle: { opacity: 0.45 }, lineStyle: { type: 'dashed' } } : {}), data: categories.map((_, nth) => point(list[nth], measure.at)) }));
  /** A pile needs a nought where there is nothing. */
  function pointOr(row: Row | undefined, at: number): Point {
    return !row && options.stack ? { value: 0, row } : point(row, at);
  }
  function byColour() {
    const [measure] = measures;
    const last = dimensions - 1;
    return unique(last).map((name) => ({ ...shape, name, stack: options.stack ? 'all' : undefined, data: categories.map((category) => pointOr(list.find((row) => text(row, 0) === category && text(row, last) === name), measure?.at ?? 0)) }));
  }
  const many = series.length > 1;
  const turned = type === 'bar' && categories.length > 4 && categories.some((name) => name.length > 14);
  const category = { type: 'category', data: categories, axisLabel: { hideOverlap: true, ...(turned ? { width: 160, overflow: 'truncate' } : {}) }, ...(turned ? { inverse: true } : {}) };
  const number = { type: 'value', ...axisNumber(drawn.language) };
  return {
    grid: { left: 8, right: 20, top: many ? 40 : 16, bottom: categories.length > 60 ? 44 : 8, containLabel: true },
    legend: { show: many, type: 'scroll', top: 0, left: 0 },
    tooltip: { trigger: 'axis', axisPointer: { type: type === 'bar' ? 'shadow' : 'line' }, valueFormatter: tipNumber(drawn.language), confine: true },
    xAxis: turned ? number : category,
    yAxis: turned ? category : number,
    dataZoom: categories.length > 60 && !turned ? [{ type: 'slider', height: 20, bottom: 6 }] : [],
    series,
  };
}

/** Slices that are left after the largest are gathered, and open to nobody. */
function pie(drawn: Drawn, other: string) {
  const { dimensions, measures, text, list } = facts(drawn);
  const at = measures[0]?.at ?? 0;
  const slices = list.map((row) => ({ name: dimensions > 0 ? label(row) : '', value: numberOf(row[at]) ?? 0, row: row as Row | undefined })).sort((a, b) => b.value - a.value);
  function label(row: Row) {
    return Array.from({ length: dimensions }, (_, nth) => text(row, nth)).join(' · ');
  }
  const rest = slices.slice(SLICES_MAX).reduce((sum, slice) => sum + slice.value, 0);
  const data = [...slices.slice(0, SLICES_MAX), ...(rest > 0 ? [{ name: other, value: rest, row: undefined, itemStyle: { color: palettes[drawn.mode].lineStrong } }] : [])];
  return {
    tooltip: { trigger: 'item', valueFormatter: tipNumber(drawn.language) },
    legend: { type: 'scroll', orient: 'vertical', right: 0, top: 'middle' },
    series: [{ type: 'pie', radius: ['48%', '76%'], center: ['38%', '50%'], label: { formatter: '{d} %', color: palettes[drawn.mode].inkSoft }, itemStyle: { borderColor: palettes[drawn.mode].surface, borderWidth: 2 }, data }],
  };
}

function scatter(drawn: Drawn) {
  const { dimensions, measures, text, list } = facts(drawn);
  const [x, y, size] = measures;
  const most = Math.max(1, ...list.map((row) => numberOf(row[size?.at ?? -1]) ?? 0));
  const label = (row: Row) => Array.from({ length: dimensions }, (_, nth) => text(row, nth)).join(' · ');
  const data = list.map((row) => ({ name: label(row), value: [numberOf(row[x?.at ?? 0]), numberOf(row[(y ?? x)?.at ?? 0])], row, symbolSize: size ? 8 + 32 * Math.sqrt((numberOf(row[size.at]) ?? 0) / most) : 12 }));
  return {
    grid: { left: 12, right: 28, top: 28, bottom: 28, containLabel: true },
    tooltip: { trigger: 'item', valueFormatter: tipNumber(drawn.language) },
    xAxis: { type: 'value', scale: true, name: x?.name, nameLocation: 'middle', nameGap: 26, ...axisNumber(drawn.language) },
    yAxis: { type: 'value', scale: true, name: y?.name, ...axisNumber(drawn.language) },
    series: [{ type: 'scatter', data, itemStyle: { opacity: 0.75 } }],
  };
}

function heat(drawn: Drawn) {
  const { dimensions, measures, text, unique, list } = facts(drawn);
  const last = Math.max(0, dimensions - 1);
  const [down, across] = [unique(0), dimensions > 1 ? unique(last) : ['']];
  const at = measures[0]?.at ?? 0;
  const values = list.map((row) => numberOf(row[at]) ?? 0);
  const data = list.map((row) => ({ value: [dimensions > 1 ? across.indexOf(text(row, last)) : 0, down.indexOf(text(row, 0)), numberOf(row[at])], row, name: `${text(row, 0)} · ${dimensions > 1 ? text(row, last) : ''}` }));
  return {
    grid: { left: 8, right: 16, top: 8, bottom: 56, containLabel: true },
    tooltip: { valueFormatter: tipNumber(drawn.language) },
    xAxis: { type: 'category', data: across },
    yAxis: { type: 'category', data: down, inverse: true },
    visualMap: { min: Math.min(...values, 0), max: Math.max(...values, 1), calculable: true, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 110, itemWidth: 12, inRange: { color: [...ramp[drawn.mode]] }, formatter: (value: number) => shortNumber(value, drawn.language).short },
    series: [{ type: 'heatmap', data, itemStyle: { borderColor: palettes[drawn.mode].surface, borderWidth: 2 } }],
  };
}

interface Leaf {
  name: string;
  value: number;
  row?: Row;
  children?: Leaf[];
}

function treemap(drawn: Drawn) {
  const { dimensions, measures, text, list } = facts(drawn);
  const at = measures[0]?.at ?? 0;
  const roots: Leaf[] = [];
  for (const row of list) {
    let level = roots;
    const value = Math.max(0, numberOf(row[at]) ?? 0);
    for (let nth = 0; nth < dimensions; nth += 1) {
      const name = text(row, nth);
      const known = level.find((leaf) => leaf.name === name) ?? { name, value: 0 };
      if (!level.includes(known)) level.push(known);
      known.value += value;
      if (nth === dimensions - 1) known.row = row;
      else level = known.children ??= [];
    }
  }
  const p = palettes[drawn.mode];
  return {
    tooltip: { valueFormatter: tipNumber(drawn.language) },
    series: [{ type: 'treemap', roam: false, nodeClick: false, breadcrumb: { show: false }, left: 0, right: 0, top: 0, bottom: 0, label: { color: p.onPrimary, formatter: '{b}' }, upperLabel: { show: dimensions > 1, height: 22, color: p.ink }, itemStyle: { borderColor: p.surface, borderWidth: 2, gapWidth: 2 }, data: roots }],
  };
}

export function optionOf(chart: ChartType, drawn: Drawn, other: string): EChartsCoreOption | undefined {
  switch (chart) {
    case 'bar':
      return cartesian(drawn, 'bar', {});
    case 'stacked':
      return cartesian(drawn, 'bar', { stack: true });
    case 'line':
      return cartesian(drawn, 'line', {});
    case 'area':
      return cartesian(drawn, 'line', { stack: true, area: true });
    case 'pie':
      return pie(drawn, other);
    case 'scatter':
      return scatter(drawn);
    case 'heat':
      return heat(drawn);
    case 'treemap':
      return treemap(drawn);
    default:
      return undefined;
  }
}

/** The picture that fits a question at first. */
export function fitting(shelves: Shelves): ChartType {
  const dimensions = shelves.dimensions ?? [];
  if (dimensions.length === 0) return 'number';
  if (dimensions[0]?.grain) return 'line';
  return dimensions.length > 2 ? 'pivot' : dimensions.length === 2 ? 'stacked' : 'bar';
}
