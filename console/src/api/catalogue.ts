// What there is to ask: tables, traits, segments, and the commonest values of a column.

import { queryOptions } from '@tanstack/react-query';
import type { Purpose } from '@/app/purpose';
import { api, ask } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Catalogue = Schemas['CatalogueFacts'];
export type TableFacts = Schemas['TableFacts'];
export type ColumnFacts = Schemas['ColumnFacts'];
export type ColumnType = Schemas['ColumnType'];

const FRESH_MS = 5 * 60_000;

export const catalogueQuery = (purpose: Purpose) =>
  queryOptions({
    queryKey: ['catalogue', purpose],
    queryFn: ({ signal }) => ask(api.GET('/v1/catalogue', { params: { query: { purpose } }, signal })),
    staleTime: FRESH_MS,
  });

export const valuesQuery = (purpose: Purpose, table: string, column: string) =>
  queryOptions({
    queryKey: ['values', purpose, table, column],
    queryFn: ({ signal }) => ask(api.GET('/v1/catalogue/values', { params: { query: { purpose, table, column } }, signal })),
    staleTime: FRESH_MS,
    enabled: table !== '' && column !== '',
  });

export const isNumber = (type: ColumnType | undefined) => type === 'int' || type === 'decimal' || type === 'float';
export const isTime = (type: ColumnType | undefined) => type === 'timestamp' || type === 'date';
