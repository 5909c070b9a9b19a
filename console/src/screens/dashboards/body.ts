// What is in a dashboard: tiles in order, each with its question, how it is drawn, and how large it is. Pure.

import type { Catalogue } from '@/api/catalogue';
import { among, type Fields, fields, int, list, str } from '@/app/state';
import { charts, type ChartType, type Filter, readFilter, readShelves, type Shelves, whole } from '../explore/shelves';

export const GRID = 12;
export const TILE = { w: { min: 3, usual: 6 }, h: { min: 2, max: 8, usual: 4 } } as const;
export const TILES_MAX = 40;

export interface Tile {
  id: string;
  title: string;
  shelves: Shelves;
  chart: ChartType;
  w: number;
  h: number;
}

export interface Body {
  tiles: Tile[];
}

const within = (value: number | undefined, min: number, max: number, usual: number) => Math.min(max, Math.max(min, value ?? usual));

function readTile(value: unknown): Tile | undefined {
  const raw = fields(value);
  const [id, shelves] = [str(raw?.id), readShelves(raw?.shelves)];
  if (!raw || !id || !shelves) return undefined;
  return { id, title: str(raw.title) ?? '', shelves, chart: among(raw.chart, charts) ?? 'table', w: within(int(raw.w), TILE.w.min, GRID, TILE.w.usual), h: within(int(raw.h), TILE.h.min, TILE.h.max, TILE.h.usual) };
}

export function readBody(value: unknown): Body {
  return { tiles: list(fields(value)?.tiles, readTile).slice(0, TILES_MAX) };
}

export const written = (body: Body) => body as unknown as Record<string, never>;

export function moveTile(tiles: readonly Tile[], id: string, to: number): Tile[] {
  const tile = tiles.find((each) => each.id === id);
  if (!tile) return [...tiles];
  const rest = tiles.filter((each) => each.id !== id);
  const at = Math.min(rest.length, Math.max(0, to));
  return [...rest.slice(0, at), tile, ...rest.slice(at)];
}

export function resizeTile(tiles: readonly Tile[], id: string, by: { w?: number; h?: number }): Tile[] {
  return tiles.map((each) => (each.id === id ? { ...each, w: within(each.w + (by.w ?? 0), TILE.w.min, GRID, TILE.w.usual), h: within(each.h + (by.h ?? 0), TILE.h.min, TILE.h.max, TILE.h.usual) } : each));
}

/** A value that was picked on one tile, and holds for those others that have its field. */
export interface Cross {
  of: string;
  filter: Filter;
}

export function readCross(value: unknown): Cross | undefined {
  const raw = fields(value);
  const [of, filter] = [str(raw?.of), readFilter(raw?.filter)];
  return of && filter ? { of, filter } : undefined;
}

function has(catalogue: Catalogue, tableName: string, field: string): boolean {
  const table = catalogue.tables.find(({ name }) => name === tableName);
  if (field.startsWith('traits.')) return Boolean(table?.of_customers) && catalogue.traits.some(({ name }) => `traits.${name}` === field);
  return Boolean(table?.columns.some(({ name }) => name === field));
}

/** A tile's question with what was picked on others. Nothing is added that its table does not have. */
export function crossed(tile: Tile, picks: readonly Cross[], catalogue: Catalogue): Shelves {
  const mine = picks.filter(({ of, filter }) => of !== tile.id && has(catalogue, tile.shelves.table, filter.field)).map(({ filter }) => filter);
  const shelves = whole(tile.shelves);
  return { ...shelves, filters: [...shelves.filters, ...mine] };
}

/** Another pick on the same tile replaces the one before; the same again takes it back. */
export function picked(picks: readonly Cross[], of: string, filters: readonly Filter[]): Cross[] {
  const before = picks.filter((each) => each.of === of);
  const same = JSON.stringify(before.map(({ filter }) => filter)) === JSON.stringify(filters);
  const rest = picks.filter((each) => each.of !== of);
  return same ? rest : [...rest, ...filters.map((filter) => ({ of, filter }))];
}

/** A name for the address: letters, digits, - and _, from a title in any script. */
export function nameOf(title: string, fresh: string): string {
  const plain = title.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40);
  return plain.length > 2 ? plain : `d-${fresh}`;
}

export type { Fields };
