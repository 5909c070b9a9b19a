// Rows of any table, each cell by the kind of its column.

import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '@/ui/data-table';
import { Num, When } from '@/ui/values';
import type { Rows } from './queries';

type Column = Rows['columns'][number];

/** The words of tables and columns that every bank has; a bank's own keep their names. */
export function useNames() {
  const { t, i18n } = useTranslation('customer');
  return {
    table: (name: string) => (i18n.exists(`customer:table.${name}`) ? t(`table.${name}`) : name),
    column: (name: string) => (i18n.exists(`customer:column.${name}`) ? t(`column.${name}`) : name),
  };
}

/** A count has the unit 1, which nobody says. */
export function useUnits() {
  const { t, i18n } = useTranslation('customer');
  return (unit: string | null | undefined) => {
    if (!unit || unit === '1') return '';
    return i18n.exists(`customer:unit.${unit}`) ? t(`unit.${unit}`) : unit;
  };
}

/** Of no use to people. */
const technical = ['customer_id', 'source', 'batch', 'received_at', 'known_at'];

export function RecordsTable({ rows, label }: { rows: Rows; label: string }) {
  const names = useNames();
  const shown = rows.columns.map((column, at) => ({ ...column, at })).filter((column) => !technical.includes(column.name) && rows.rows.some((cells) => cells[column.at] !== null));
  return (
    <DataTable
      size="small"
      aria-label={label}
      rowKey={(row) => row.key}
      dataSource={rows.rows.map((cells, nth) => ({ key: String(nth), cells: cells as unknown[] }))}
      columns={shown.map((column) => ({
        title: names.column(column.name),
        key: column.name,
        align: column.kind === 'number' && !column.name.endsWith('_id') ? ('right' as const) : undefined,
        render: (_: unknown, row: { cells: unknown[] }) => <Cell column={column} value={row.cells[column.at]} />,
      }))}
    />
  );
}

function Cell({ column, value }: { column: Column; value: unknown }): ReactNode {
  const { t } = useTranslation('customer');
  if (value === null || value === undefined) return <span className="quiet">—</span>;
  if (column.kind === 'time' && typeof value === 'number') return <When at={value} />;
  if (column.kind === 'bool') return t(value === true ? 'yes' : 'no');
  // Numbers of things are names: they are not grouped.
  if (column.name.endsWith('_id')) return <code title={String(value)}>{shortId(String(value))}</code>;
  if (column.kind === 'number' && typeof value === 'number') return <Num value={value} exact />;
  if (column.kind === 'number') return <span className="num">{decimalText(String(value))}</span>;
  return String(value);
}

const ID_SHOWN = 8;

/** Numbers of things are keyed hashes of nineteen digits; the last ones tell them apart. */
function shortId(id: string): string {
  return id.length > ID_SHOWN + 1 ? `…${id.slice(-ID_SHOWN)}` : id;
}

/** 12500.0000 → 12,500.00: exact text stays text. */
export function decimalText(value: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value);
  if (!parts) return value;
  const [, sign = '', whole = '', fraction = ''] = parts;
  const kept = fraction.replace(/0+$/, '').padEnd(fraction ? 2 : 0, '0');
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ',') + (kept ? `.${kept}` : '');
}
