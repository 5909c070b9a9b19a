// Changes to shelves: each gives shelves anew.

import { type Catalogue, isNumber, type TableFacts } from '@/api/catalogue';
import type { ShelfName } from './fields';
import { freshFilter } from './shelf-editors';
import { aggregatesOf, type Dimension, dimensionOf, type Field, type Filter, type Measure, type Shelves, whole } from './shelves';

type Full = ReturnType<typeof whole>;

export interface Editing {
  shelves: Full;
  table: TableFacts | undefined;
  typeOf: (field: string) => Field['type'] | undefined;
  set: (change: Partial<Shelves>) => void;
  put: (field: Field, shelf: ShelfName) => void;
  countRows: () => void;
}

/** The same thing twice says nothing more, and the server refuses it. */
const hasDimension = (all: Dimension[], { field, grain }: Dimension) => all.some((each) => each.field === field && each.grain === grain);
const hasMeasure = (all: Measure[], { field, aggregate }: Measure) => all.some((each) => each.field === field && each.aggregate === aggregate);

export function useShelves(given: Shelves, catalogue: Catalogue, replace: (shelves: Shelves) => void): Editing {
  const shelves = whole(given);
  const table = catalogue.tables.find(({ name }) => name === shelves.table);
  const typeOf = (field: string) => (field.startsWith('traits.') ? catalogue.traits.find(({ name }) => `traits.${name}` === field)?.type : table?.columns.find(({ name }) => name === field)?.type);
  const set = (change: Partial<Shelves>) => replace({ ...shelves, ...change, sort: undefined });
  const put = (field: Field, shelf: ShelfName) => {
    if (shelf === 'dimensions') {
      const dimension = dimensionOf(field);
      if (!hasDimension(shelves.dimensions, dimension)) set({ dimensions: [...shelves.dimensions, dimension], measures: shelves.measures.length > 0 ? shelves.measures : [{ aggregate: 'count' }] });
    }
    if (shelf === 'measures') {
      const aggregate = aggregatesOf(field.type).find((each) => !hasMeasure(shelves.measures, { field: field.name, aggregate: each }));
      if (aggregate) set({ measures: [...shelves.measures, { aggregate, field: field.name }] });
    }
    if (shelf === 'filters') set({ filters: [...shelves.filters, freshFilter(field)] satisfies Filter[] });
  };
  return { shelves, table, typeOf, set, put, countRows: () => set({ measures: [...shelves.measures, { aggregate: 'count' }] }) };
}

/** Where a field goes when nobody says: numbers are told, all else groups. */
export const usualShelf = (field: Field): ShelfName => (isNumber(field.type) ? 'measures' : 'dimensions');
