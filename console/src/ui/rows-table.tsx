// Rows of an answer as a table of which only what is in sight is in the page. A table for those who hear it, too: rows say
// their number.

import { type ReactNode, type UIEvent, useMemo, useState } from 'react';
import type { components } from '@/api/schema';
import { shortNumber } from '@/format/number';
import { day, minute } from '@/format/time';
import type { Language } from '@/i18n';
import { useLanguage } from './values';
import './rows-table.css';

type Schemas = components['schemas'];
export type Column = Schemas['AnswerColumn'];
export type Value = string | number | boolean | null | object;

const ROW_PX = 32;
const AHEAD = 8;
const LETTER_PX = 8;
const WIDTH_PX = { min: 90, max: 360 };
/** Widths are told by so many rows. */
const MEASURED = 60;

interface RowsTableProps {
  columns: readonly Column[];
  rows: readonly (readonly unknown[])[];
  label: string;
  height?: number;
  /** What stands in a cell instead of its text. */
  cell?: (value: unknown, row: number, column: number) => ReactNode;
}

export function RowsTable({ columns, rows, label, height = 460, cell }: RowsTableProps) {
  const language = useLanguage();
  const [top, setTop] = useState(0);
  const widths = useMemo(() => columns.map((column, at) => widthOf(column, rows.slice(0, MEASURED).map((row) => written(row[at], column, language)))), [columns, rows, language]);
  const first = Math.max(0, Math.floor(top / ROW_PX) - AHEAD);
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW_PX) + AHEAD);
  const total = widths.reduce((sum, width) => sum + width, 0);
  return (
    // Scrolls, so it must be reachable by the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="rows-table" style={{ maxHeight: height }} tabIndex={0} role="region" aria-label={label} onScroll={(event: UIEvent<HTMLDivElement>) => setTop(event.currentTarget.scrollTop)}>
      <table aria-rowcount={rows.length + 1} style={{ minWidth: total }}>
        <colgroup>{widths.map((width, at) => <col key={`${at} ${columns[at]?.name}`} style={{ width }} />)}</colgroup>
        <thead>
          <tr aria-rowindex={1}>{columns.map((column, at) => <th key={`${at} ${column.name}`} scope="col" className={column.kind === 'number' ? 'right' : ''} title={column.name}>{column.name}</th>)}</tr>
        </thead>
        <tbody>
          {/* What is out of sight is room alone. */}
          {first > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: first * ROW_PX }} className="rows-gap">{' '}</td></tr>}
          {rows.slice(first, last).map((row, nth) => (
            <tr key={first + nth} aria-rowindex={first + nth + 2} style={{ height: ROW_PX }}>
              {columns.map((column, at) => (
                <td key={`${at} ${column.name}`} className={column.kind === 'number' ? 'right' : ''} title={written(row[at], column, language)}>{cell?.(row[at], first + nth, at) ?? <Cell value={row[at]} column={column} />}</td>
              ))}
            </tr>
          ))}
          {last < rows.length && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: (rows.length - last) * ROW_PX }} className="rows-gap">{' '}</td></tr>}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ value, column }: { value: unknown; column: Column }) {
  const language = useLanguage();
  if (value === null || value === undefined) return <span className="quiet">—</span>;
  return <>{written(value, column, language)}</>;
}

const MIDNIGHTS = /T00:00:00|T16:00:00/;

/** A value as people read it, by what its column is. */
export function written(value: unknown, column: Column, language: Language): string {
  if (value === null || value === undefined) return '—';
  if (column.kind === 'time' && typeof value === 'number') return MIDNIGHTS.test(new Date(value / 1000).toISOString()) ? day(value, language) : minute(value, language);
  if (column.kind === 'number' && (typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(String(value)))) return shortNumber(value as number, language).exact;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function widthOf(column: Column, texts: string[]): number {
  const letters = Math.max(column.name.length, ...texts.map((text) => text.length));
  return Math.min(WIDTH_PX.max, Math.max(WIDTH_PX.min, letters * LETTER_PX + 28));
}
