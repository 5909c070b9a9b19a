// An answer, drawn: a picture, a pivot, a table or a number. The same on the page of Explore and on dashboards.

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { share } from '@/format/number';
import { useMode } from '@/theme/mode';
import { Empty } from '@/ui/async';
import { Chart, type Picked } from '@/ui/chart/chart';
import { RowsTable, written } from '@/ui/rows-table';
import { Num, useLanguage } from '@/ui/values';
import { optionOf } from './chart-option';
import { numberOf } from './pivot';
import { PivotTable } from './pivot-table';
import { type ChartType, periodOf, type Rows, type Shelves } from './shelves';
import './explore.css';

interface ResultProps {
  shelves: Shelves;
  rows: Rows;
  chart: ChartType;
  /** A group was picked: its row. */
  pick: (row: readonly unknown[]) => void;
  height?: number;
  title: string;
}

export function Result({ shelves, rows, chart, pick, height = 400, title }: ResultProps) {
  const { t } = useTranslation('explore');
  const language = useLanguage();
  const mode = useMode();
  const other = t('other');
  const option = useMemo(() => optionOf(chart, { shelves, rows, language, mode }, other), [chart, shelves, rows, language, mode, other]);
  const dimensions = shelves.dimensions?.length ?? 0;
  if (rows.rows.length === 0) return <Empty title={t('noRows')} next={t('noRowsNext')} />;
  if (chart === 'number') return <Numbers shelves={shelves} rows={rows} pick={pick} />;
  if (chart === 'pivot') return <PivotTable shelves={shelves} rows={rows} pick={pick} height={height} />;
  if (chart === 'table' || !option) return <ResultTable shelves={shelves} rows={rows} pick={pick} height={height} label={title} />;
  const open = ({ data }: Picked) => {
    const row = (data as { row?: readonly unknown[] } | null)?.row;
    if (row) pick(row);
  };
  const table = {
    columns: rows.columns.map((column) => ({ title: column.name, right: column.kind === 'number' })),
    rows: (rows.rows as readonly (readonly unknown[])[]).map((row) => rows.columns.map((column, at) => (at === dimensions ? <button key={column.name} type="button" className="as-link" onClick={() => pick(row)}>{written(row[at], column, language)}</button> : (periodOf(row[at], shelves.dimensions?.[at] ?? {}) ?? written(row[at], column, language))))),
  };
  return <Chart option={option} height={height} label={t('chartLabel', { title, count: rows.rows.length })} table={table} onPick={open} saveAs={title} />;
}

interface TableProps extends Pick<ResultProps, 'shelves' | 'rows' | 'pick'> {
  height: number;
  label: string;
}

export function ResultTable({ shelves, rows, pick, height, label }: TableProps) {
  const language = useLanguage();
  const dimensions = shelves.dimensions?.length ?? 0;
  const cell = (value: unknown, row: number, at: number) => {
    const column = rows.columns[at];
    if (at < dimensions) return periodOf(value, shelves.dimensions?.[at] ?? {});
    if (!column || value === null) return undefined;
    return <button type="button" className="as-link" onClick={() => pick((rows.rows as readonly (readonly unknown[])[])[row] ?? [])}>{written(value, column, language)}</button>;
  };
  return <RowsTable columns={rows.columns} rows={rows.rows as readonly (readonly unknown[])[]} label={label} height={height} cell={cell} />;
}

/** Single numbers, each with what it was before. */
function Numbers({ shelves, rows, pick }: Pick<ResultProps, 'shelves' | 'rows' | 'pick'>) {
  const { t } = useTranslation('explore');
  const language = useLanguage();
  const dimensions = shelves.dimensions?.length ?? 0;
  const step = shelves.compare ? 2 : 1;
  const row = (rows.rows as readonly (readonly unknown[])[])[0] ?? [];
  return (
    <div className="numbers">
      {shelves.measures.map((_, nth) => {
        const at = dimensions + nth * step;
        const [now, before] = [numberOf(row[at]), step === 2 ? numberOf(row[at + 1]) : null];
        return (
          <div key={rows.columns[at]?.name} className="number">
            <span className="quiet">{rows.columns[at]?.name}</span>
            <button type="button" className="as-link number-value" onClick={() => pick(row)}><Num value={now} /></button>
            {before !== null && now !== null && <span className="quiet">{before === 0 ? '—' : `${now >= before ? '▲ +' : '▼ '}${share((now - before) / Math.abs(before), language)}`} {t('against')} <Num value={before} /></span>}
          </div>
        );
      })}
    </div>
  );
}
