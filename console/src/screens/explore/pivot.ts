// Rows of an answer as a pivot: one dimension across, the others down, totals where they can be told. Pure.

import type { Aggregate, Measure } from './shelves';

export interface Pivot {
  /** Values of the dimension across, as they first appear; one without a name when there is none. */
  across: unknown[];
  lines: Line[];
  /** By column, then by measure. */
  totals: (number | null)[][];
  /** All in all, by measure. */
  total: (number | null)[];
}

export interface Line {
  key: string;
  down: unknown[];
  /** By column, then by measure. */
  cells: (number | null)[][];
  /** Of the rows that it was made of, by column: to open a cell. */
  rows: (readonly unknown[] | undefined)[];
  total: (number | null)[];
}

/** Of sums and counts, parts add up to the whole; means and different values do not. */
export const adds = (aggregate: Aggregate) => aggregate === 'sum' || aggregate === 'count';

export function numberOf(value: unknown): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const keyOf = (values: readonly unknown[]) => JSON.stringify(values);

export function totalOf(aggregate: Aggregate, values: (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return null;
  if (adds(aggregate)) return known.reduce((sum, value) => sum + value, 0);
  if (aggregate === 'min') return known.reduce((least, value) => Math.min(least, value));
  return aggregate === 'max' ? known.reduce((most, value) => Math.max(most, value)) : null;
}

/** `dimensions` is how many columns of a row are dimensions; the last of them goes across when there are at least two. */
export function pivot(rows: readonly (readonly unknown[])[], dimensions: number, measures: readonly Pick<Measure, 'aggregate'>[], step = 1): Pivot {
  const crossed = dimensions > 1;
  const downs = crossed ? dimensions - 1 : dimensions;
  const across: unknown[] = crossed ? [] : [undefined];
  const places = new Map<string, number>(crossed ? [] : [[keyOf([]), 0]]);
  const lines = new Map<string, Line>();
  for (const row of rows) {
    const column = crossed ? keyOf([row[downs]]) : keyOf([]);
    if (!places.has(column)) {
      places.set(column, across.length);
      across.push(row[downs]);
    }
    const down = row.slice(0, downs);
    const key = keyOf(down);
    const line = lines.get(key) ?? { key, down, cells: [], rows: [], total: [] };
    const at = places.get(column) ?? 0;
    line.cells[at] = measures.map((_, nth) => numberOf(row[dimensions + nth * step]));
    line.rows[at] = row;
    lines.set(key, line);
  }
  const all = [...lines.values()];
  const columnOf = (line: Line, at: number, nth: number) => line.cells[at]?.[nth] ?? null;
  for (const line of all) line.total = measures.map(({ aggregate }, nth) => totalOf(aggregate, across.map((_, at) => columnOf(line, at, nth))));
  const totals = across.map((_, at) => measures.map(({ aggregate }, nth) => totalOf(aggregate, all.map((line) => columnOf(line, at, nth)))));
  return { across, lines: all, totals, total: measures.map(({ aggregate }, nth) => totalOf(aggregate, all.map((line) => line.total[nth] ?? null))) };
}
