// Questions made of shelves, as they stand in the address, on dashboards and in requests. Pure.

import type { ColumnType } from '@/api/catalogue';
import type { components } from '@/api/schema';
import { among, compact, fields, int, list, str } from '@/app/state';
import { bankDay, bankTime } from '@/format/time';

type Schemas = components['schemas'];
export type Shelves = Schemas['Shelves'];
export type Dimension = Schemas['Dimension'];
export type Measure = Schemas['Measure'];
export type Filter = Schemas['Filter'];
export type Test = Schemas['Test'];
export type Grain = Schemas['Grain'];
export type Aggregate = Schemas['Aggregate'];
export type Rows = Schemas['Rows'];

export const grains = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export const aggregates = ['count', 'count_distinct', 'sum', 'mean', 'median', 'min', 'max'] as const;
export const compares = ['previous_period', 'previous_year'] as const;
export const charts = ['table', 'pivot', 'bar', 'stacked', 'line', 'area', 'pie', 'scatter', 'heat', 'treemap', 'number'] as const;
export type ChartType = (typeof charts)[number];

export interface Field {
  name: string;
  type: ColumnType;
  about: string;
}

function readDimension(value: unknown): Dimension | undefined {
  const raw = fields(value);
  const field = str(raw?.field);
  return field === undefined ? undefined : compact({ field, grain: among(raw?.grain, grains), bin: str(raw?.bin) });
}

function readMeasure(value: unknown): Measure | undefined {
  const raw = fields(value);
  const aggregate = among(raw?.aggregate, aggregates);
  return aggregate && compact({ aggregate, field: str(raw?.field) });
}

function readTest(value: unknown): Test | undefined {
  const raw = fields(value);
  if (!raw) return undefined;
  if (Array.isArray(raw.one_of)) return { one_of: list(raw.one_of, str) };
  if (Array.isArray(raw.none_of)) return { none_of: list(raw.none_of, str) };
  if (Array.isArray(raw.between)) return { between: [str(raw.between[0]) ?? null, str(raw.between[1]) ?? null] };
  if (int(raw.last_days) !== undefined) return { last_days: int(raw.last_days) ?? 1 };
  if (str(raw.contains) !== undefined) return { contains: str(raw.contains) ?? '' };
  return typeof raw.missing === 'boolean' ? { missing: raw.missing } : undefined;
}

export function readFilter(value: unknown): Filter | undefined {
  const raw = fields(value);
  const field = str(raw?.field);
  const test = readTest(raw?.test);
  return field === undefined || !test ? undefined : { field, test };
}

export function readShelves(value: unknown): Shelves | undefined {
  const raw = fields(value);
  const table = str(raw?.table);
  if (!raw || table === undefined) return undefined;
  const sort = fields(raw.sort);
  const shelves = compact({
    table,
    dimensions: list(raw.dimensions, readDimension),
    filters: list(raw.filters, readFilter),
    segment: str(raw.segment),
    compare: among(raw.compare, compares),
    sort: sort ? { column: int(sort.column) ?? 0, descending: sort.descending === true } : undefined,
    groups_max: int(raw.groups_max),
  });
  return { ...shelves, measures: list(raw.measures, readMeasure) };
}

/** With shelves that are absent as empty ones: what screens work with. */
export function whole(shelves: Partial<Shelves> & { table: string }): Shelves & { dimensions: Dimension[]; measures: Measure[]; filters: Filter[] } {
  return { ...shelves, dimensions: shelves.dimensions ?? [], measures: shelves.measures ?? [], filters: shelves.filters ?? [] };
}

/** A filter without values says nothing yet. */
export function saysSomething({ test }: Filter): boolean {
  if ('one_of' in test) return test.one_of.length > 0;
  if ('none_of' in test) return test.none_of.length > 0;
  if ('between' in test) return test.between.some((end) => end !== null && end !== '');
  return !('contains' in test) || test.contains !== '';
}

/** What is asked. Nothing when there is nothing to tell. */
export function askedOf(shelves: Shelves | undefined): Shelves | undefined {
  if (!shelves || whole(shelves).measures.length === 0) return undefined;
  const asked = whole(shelves);
  return { ...asked, filters: asked.filters.filter(saysSomething) };
}

const DAY_MS = 86_400_000;

/** The last day of the period that begins on a day. */
export function lastDay(first: string, grain: Grain): string {
  const at = new Date(`${first}T00:00:00Z`);
  const months = { month: 1, quarter: 3, year: 12 }[grain as string];
  if (months !== undefined) at.setUTCMonth(at.getUTCMonth() + months);
  else at.setTime(at.getTime() + (grain === 'week' ? 7 : 1) * DAY_MS);
  return new Date(at.getTime() - DAY_MS).toISOString().slice(0, 10);
}

const isPeriod = (dimension: Dimension) => dimension.grain !== undefined && dimension.grain !== null && dimension.grain !== 'hour';

/** What a value of a dimension means as a filter, where it does. */
export function filterOf(dimension: Dimension, value: unknown): Filter | undefined {
  const { field, grain, bin } = dimension;
  if (value === null || value === undefined) return { field, test: { missing: true } };
  if (grain && typeof value === 'number') {
    const first = bankDay(value / 1000);
    return { field, test: { between: [first, lastDay(first, grain)] } };
  }
  if (bin) return undefined;
  return { field, test: { one_of: [String(value)] } };
}

/** A period as people name it: 2026-03, 2026 Q1. */
export function periodOf(value: unknown, { grain }: Pick<Dimension, 'grain'>): string | undefined {
  if (!grain || typeof value !== 'number') return undefined;
  const day = bankDay(value / 1000);
  if (grain === 'hour') return bankTime(value / 1000).slice(0, 16).replace('T', ' ');
  if (grain === 'month') return day.slice(0, 7);
  if (grain === 'year') return day.slice(0, 4);
  return grain === 'quarter' ? `${day.slice(0, 4)} Q${Math.ceil(Number(day.slice(5, 7)) / 3)}` : day;
}

export interface Group {
  shelves: Shelves;
  values: (string | null)[];
}

/** One group of an answer, for asking who is behind it. Periods become filters: their text is the engine's own affair. */
export function groupOf(shelves: Shelves, values: readonly unknown[]): Group {
  const { dimensions, filters } = whole(shelves);
  const kept: Dimension[] = [];
  const texts: (string | null)[] = [];
  const more: Filter[] = [];
  for (const [nth, dimension] of dimensions.entries()) {
    const value = values[nth];
    const filter = isPeriod(dimension) && value !== null ? filterOf(dimension, value) : undefined;
    if (filter) more.push(filter);
    else {
      kept.push(dimension);
      texts.push(textOf(value, dimension));
    }
  }
  const { compare: _compare, sort: _sort, ...rest } = shelves;
  return { shelves: { ...rest, dimensions: kept, filters: [...filters, ...more] }, values: texts };
}

/** Steps are doubles, and doubles are written with a point. */
function textOf(value: unknown, { bin, grain }: Dimension): string | null {
  if (value === null || value === undefined) return null;
  if (grain && typeof value === 'number') return bankTime(value / 1000);
  return bin && Number.isInteger(value) ? `${String(value)}.0` : String(value);
}

/** Which aggregates a field can have. */
export function aggregatesOf(type: ColumnType): Aggregate[] {
  const number = type === 'int' || type === 'decimal' || type === 'float';
  return number ? ['sum', 'mean', 'median', 'min', 'max', 'count', 'count_distinct'] : ['count_distinct', 'count', ...(type === 'text' || type === 'bool' ? [] : (['min', 'max'] as const))];
}

/** How a field stands on the shelf of dimensions at first. */
export function dimensionOf({ name, type }: Pick<Field, 'name' | 'type'>): Dimension {
  return type === 'timestamp' || type === 'date' ? { field: name, grain: 'month' } : { field: name };
}
