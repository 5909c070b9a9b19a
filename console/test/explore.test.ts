// Shelves in the address, the sums of pivots, what a click on a group means.

import { describe, expect, test } from 'vitest';
import { crossed, moveTile, nameOf, picked, readBody, resizeTile, type Tile } from '@/screens/dashboards/body';
import { adds, pivot, totalOf } from '@/screens/explore/pivot';
import { exploreRoute } from '@/screens/explore/routes';
import { askedOf, groupOf, lastDay, periodOf, readShelves, type Shelves } from '@/screens/explore/shelves';
import { around, reached } from '@/screens/data/graph';
import { remember } from '@/screens/sql/history';

const shelves: Shelves = {
  table: 'transaction',
  dimensions: [{ field: 'ts', grain: 'month' }, { field: 'channel' }, { field: 'traits.age', bin: '10' }],
  measures: [{ aggregate: 'count' }, { aggregate: 'sum', field: 'amount' }],
  filters: [{ field: 'ts', test: { last_days: 90 } }, { field: 'kind', test: { one_of: ['a', 'b'] } }, { field: 'amount', test: { between: ['1', null] } }, { field: 'kind', test: { missing: false } }, { field: 'kind', test: { contains: 'x' } }, { field: 'kind', test: { none_of: ['z'] } }],
  segment: 'a & b',
  compare: 'previous_year',
  sort: { column: 1, descending: true },
  groups_max: 50,
};

test('shelves go through the address unchanged', () => {
  const read = exploreRoute.options.validateSearch as (raw: Record<string, unknown>) => { q?: unknown; open?: unknown };
  const through = read(JSON.parse(JSON.stringify({ q: shelves, open: [null, 'app', 3, true] })) as Record<string, unknown>);
  expect(readShelves(through.q)).toEqual(shelves);
  expect(through.open).toEqual([null, 'app', 3, true]);
});

test('shelves that make no sense are read as far as they do', () => {
  expect(readShelves({ table: 'x', measures: [{ aggregate: 'guess' }, { aggregate: 'count' }], filters: [{ field: 'a' }], dimensions: 'no' })).toEqual({ table: 'x', measures: [{ aggregate: 'count' }] });
  expect(readShelves({ measures: [] })).toBeUndefined();
});

test('filters that say nothing yet are not asked', () => {
  const asked = askedOf({ table: 't', measures: [{ aggregate: 'count' }], filters: [{ field: 'a', test: { one_of: [] } }, { field: 'b', test: { between: [null, null] } }, { field: 'c', test: { missing: true } }] });
  expect(asked?.filters).toEqual([{ field: 'c', test: { missing: true } }]);
  expect(askedOf({ table: 't', measures: [] })).toBeUndefined();
});

describe('a pivot', () => {
  const rows = [
    ['app', 'in', 10, '1.50'],
    ['app', 'out', 20, '2.50'],
    ['web', 'in', 5, null],
  ];
  const made = pivot(rows, 2, [{ aggregate: 'count' }, { aggregate: 'mean' }]);

  test('has a column for each value across, and a line for all others', () => {
    expect(made.across).toEqual(['in', 'out']);
    expect(made.lines.map(({ down, cells }) => [down, cells])).toEqual([
      [['app'], [[10, 1.5], [20, 2.5]]],
      [['web'], [[5, null]]],
    ]);
  });

  test('adds up what adds up, and nothing else', () => {
    expect(made.lines.map(({ total }) => total)).toEqual([[30, null], [5, null]]);
    expect(made.totals).toEqual([[15, null], [20, null]]);
    expect(made.total).toEqual([35, null]);
  });

  test('of one dimension has one column', () => {
    const one = pivot([['a', 1], ['b', 2]], 1, [{ aggregate: 'sum' }]);
    expect([one.across.length, one.totals, one.lines.length]).toEqual([1, [[3]], 2]);
  });

  test('passes over the columns of a comparison', () => {
    expect(pivot([['a', 1, 9, 2, 8]], 1, [{ aggregate: 'sum' }, { aggregate: 'sum' }], 2).lines[0]?.cells).toEqual([[1, 2]]);
  });

  test('knows which aggregates have totals', () => {
    expect(['sum', 'count'].every((each) => adds(each as 'sum'))).toBe(true);
    expect(totalOf('max', [1, null, 7])).toBe(7);
    expect(totalOf('min', [4, 2])).toBe(2);
    expect(totalOf('count_distinct', [1, 2])).toBeNull();
    expect(totalOf('sum', [null])).toBeNull();
  });
});

describe('a group', () => {
  // The first of November 2025 in Shanghai, where tests run as the bank does.
  const november = Date.parse('2025-10-31T16:00:00Z') * 1000;

  test('asks for its period by days, and for its steps as doubles', () => {
    const group = groupOf(shelves, [november, null, 30]);
    expect(group.values).toEqual([null, '30.0']);
    expect(group.shelves.dimensions).toEqual([{ field: 'channel' }, { field: 'traits.age', bin: '10' }]);
    expect(group.shelves.filters?.at(-1)).toEqual({ field: 'ts', test: { between: ['2025-11-01', '2025-11-30'] } });
    expect(group.shelves.compare).toBeUndefined();
  });

  test('of an hour is asked for in the bank’s own time', () => {
    expect(groupOf({ table: 't', dimensions: [{ field: 'ts', grain: 'hour' }], measures: [{ aggregate: 'count' }] }, [november]).values).toEqual(['2025-11-01T00:00:00+08:00']);
  });

  test.each([['day', '2026-02-28', '2026-02-28'], ['week', '2026-02-23', '2026-03-01'], ['month', '2024-02-01', '2024-02-29'], ['quarter', '2026-10-01', '2026-12-31'], ['year', '2026-01-01', '2026-12-31']] as const)('a %s from %s ends on %s', (grain, first, last) => {
    expect(lastDay(first, grain)).toBe(last);
  });

  test('is named as people name periods', () => {
    expect((['month', 'quarter', 'year', 'day', 'hour'] as const).map((grain) => periodOf(november, { grain }))).toEqual(['2025-11', '2025 Q4', '2025', '2025-11-01', '2025-11-01 00:00']);
  });
});

const tile = (id: string, table = 't'): Tile => ({ id, title: id, shelves: { table, measures: [{ aggregate: 'count' }] }, chart: 'bar', w: 6, h: 4 });

describe('a dashboard', () => {
  const tiles = [tile('a'), tile('b'), tile('c')];

  test('is read as it was written, and sizes stay within the grid', () => {
    const body = readBody(JSON.parse(JSON.stringify({ tiles: [tile('a'), { ...tile('b'), w: 99, h: 0 }, { id: 'broken' }] })));
    expect(body.tiles.map(({ id, w, h }) => [id, w, h])).toEqual([['a', 6, 4], ['b', 12, 2]]);
  });

  test('moves and resizes tiles', () => {
    expect(moveTile(tiles, 'c', 0).map(({ id }) => id)).toEqual(['c', 'a', 'b']);
    expect(moveTile(tiles, 'a', 99).map(({ id }) => id)).toEqual(['b', 'c', 'a']);
    expect(resizeTile(tiles, 'b', { w: 20, h: -9 })[1]).toMatchObject({ w: 12, h: 2 });
  });

  test('filters the others that have the field, never the one that was clicked', () => {
    const columns = [{ name: 'channel', type: 'text' as const, class: 'C1' as const, masked: false, about: '' }];
    const catalogue = { tables: [{ name: 't', about: '', of_customers: true, columns }, { name: 'u', about: '', of_customers: false, columns: [] }], traits: [], segments: {} };
    const picks = picked([], 'a', [{ field: 'channel', test: { one_of: ['app'] } }]);
    expect(crossed(tile('b'), picks, catalogue).filters).toEqual([{ field: 'channel', test: { one_of: ['app'] } }]);
    expect(crossed(tile('a'), picks, catalogue).filters).toEqual([]);
    expect(crossed(tile('b', 'u'), picks, catalogue).filters).toEqual([]);
    expect(picked(picks, 'a', [{ field: 'channel', test: { one_of: ['app'] } }])).toEqual([]);
  });

  test('has a name that an address can hold', () => {
    expect(nameOf('Cards & Loans 2026', 'x1')).toBe('cards-loans-2026');
    expect(nameOf('渠道概览', 'x1')).toBe('d-x1');
  });
});

const edge = (from: string, to: string) => ({ from, to, columns: [] });
const node = (id: string) => ({ id, kind: 'trait' as const, name: id });

test('lineage is followed both ways, and around circles once', () => {
  const graph = { nodes: ['a', 'b', 'c', 'd', 'e'].map(node), edges: [edge('a', 'b'), edge('b', 'c'), edge('c', 'b'), edge('d', 'e')] };
  expect([...reached(graph, 'c', 'up')].sort()).toEqual(['a', 'b']);
  expect([...reached(graph, 'a', 'down')].sort()).toEqual(['b', 'c']);
  expect(around(graph, 'a').nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(around(graph, undefined)).toBe(graph);
});

test('the history keeps each question once, the newest first, and no more than it may', () => {
  const once = remember(remember([], { sql: 'a', at: 1 }), { sql: 'b', at: 2 });
  expect(remember(once, { sql: 'a', at: 3 }).map(({ sql }) => sql)).toEqual(['a', 'b']);
  const many = Array.from({ length: 150 }, (_, nth) => ({ sql: String(nth), at: nth }));
  expect(remember(many, { sql: 'x', at: 1 })).toHaveLength(100);
});
