// A pivot with totals. What does not add up (means, different values) has none.

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { written } from '@/ui/rows-table';
import { Num, useLanguage } from '@/ui/values';
import { pivot } from './pivot';
import { periodOf, type Rows, type Shelves } from './shelves';

interface PivotTableProps {
  shelves: Shelves;
  rows: Rows;
  pick: (row: readonly unknown[]) => void;
  height: number;
}

export function PivotTable({ shelves, rows, pick, height }: PivotTableProps) {
  const { t } = useTranslation('explore');
  const language = useLanguage();
  const dimensions = shelves.dimensions?.length ?? 0;
  const { measures } = shelves;
  const step = shelves.compare ? 2 : 1;
  const made = useMemo(() => pivot(rows.rows as readonly (readonly unknown[])[], dimensions, measures, step), [rows, dimensions, measures, step]);
  const names = measures.map((_, nth) => rows.columns[dimensions + nth * step]?.name ?? '');
  const crossed = dimensions > 1;
  const downs = crossed ? dimensions - 1 : dimensions;
  const text = (value: unknown, at: number) => {
    const column = rows.columns[at];
    return periodOf(value, shelves.dimensions?.[at] ?? {}) ?? (column ? written(value, column, language) : '');
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="rows-table pivot" style={{ maxHeight: height }} tabIndex={0} role="region" aria-label={t('charts.pivot')}>
      <table>
        <thead>
          <tr>
            {rows.columns.slice(0, downs).map((column) => <th key={column.name} scope="col">{column.name}</th>)}
            {made.across.flatMap((value, at) => names.map((name) => <th key={`${at} ${name}`} scope="col" className="right">{crossed ? text(value, downs) : name}{crossed && names.length > 1 ? ` · ${name}` : ''}</th>))}
            {crossed && names.map((name) => <th key={`total ${name}`} scope="col" className="right">{t('total')}{names.length > 1 ? ` · ${name}` : ''}</th>)}
          </tr>
        </thead>
        <tbody>
          {made.lines.map((line) => (
            <tr key={line.key}>
              {line.down.map((value, at) => <th key={rows.columns[at]?.name} scope="row">{text(value, at)}</th>)}
              {made.across.flatMap((_, at) => names.map((name, nth) => <td key={`${at} ${name}`} className="right"><PivotCell value={line.cells[at]?.[nth] ?? null} row={line.rows[at]} pick={pick} /></td>))}
              {crossed && names.map((name, nth) => <td key={`total ${name}`} className="right pivot-total"><Num value={line.total[nth]} exact digits={2} /></td>)}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            {downs > 0 && <th scope="row" colSpan={downs}>{t('total')}</th>}
            {made.totals.flatMap((totals, at) => names.map((name, nth) => <td key={`${at} ${name}`} className="right pivot-total"><Num value={totals[nth]} exact /></td>))}
            {crossed && names.map((name, nth) => <td key={`total ${name}`} className="right pivot-total"><Num value={made.total[nth]} exact /></td>)}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

interface PivotCellProps {
  value: number | null;
  row: readonly unknown[] | undefined;
  pick: (row: readonly unknown[]) => void;
}

function PivotCell({ value, row, pick }: PivotCellProps) {
  if (value === null || !row) return <span className="quiet">—</span>;
  return <button type="button" className="as-link" onClick={() => pick(row)}><Num value={value} exact /></button>;
}
