// How an answer is drawn: eleven ways, of which those that cannot be for want of dimensions or measures are off.

import { AreaChartOutlined, BarChartOutlined, BoxPlotOutlined, DotChartOutlined, FieldNumberOutlined, GroupOutlined, HeatMapOutlined, LineChartOutlined, PieChartOutlined, TableOutlined, InsertRowAboveOutlined } from '@ant-design/icons';
import { Tooltip } from 'antd';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { charts, type ChartType, type Shelves } from './shelves';

const icons: Record<ChartType, ComponentType> = { table: TableOutlined, pivot: InsertRowAboveOutlined, bar: BarChartOutlined, stacked: BoxPlotOutlined, line: LineChartOutlined, area: AreaChartOutlined, pie: PieChartOutlined, scatter: DotChartOutlined, heat: HeatMapOutlined, treemap: GroupOutlined, number: FieldNumberOutlined };

function fits(chart: ChartType, { dimensions, measures }: Shelves): boolean {
  const count = dimensions?.length ?? 0;
  if (chart === 'number') return count === 0;
  if (chart === 'scatter') return measures.length > 1 && count > 0;
  if (chart === 'table') return true;
  return count > 0 && (chart !== 'heat' || count > 1);
}

interface ChartPickerProps {
  value: ChartType;
  shelves: Shelves;
  change: (chart: ChartType) => void;
}

export function ChartPicker({ value, shelves, change }: ChartPickerProps) {
  const { t } = useTranslation('explore');
  return (
    <div className="chart-picker" role="radiogroup" aria-label={t('chart')}>
      {charts.map((chart) => {
        const Icon = icons[chart];
        return (
          <Tooltip key={chart} title={t(`charts.${chart}`)}>
            <button type="button" role="radio" aria-checked={chart === value} disabled={!fits(chart, shelves)} onClick={() => change(chart)} aria-label={t(`charts.${chart}`)}><Icon /></button>
          </Tooltip>
        );
      })}
      <span className="quiet small">{t(`charts.${value}`)}</span>
    </div>
  );
}
