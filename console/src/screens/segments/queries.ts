// What is asked of segments.

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import type { Purpose } from '@/app/purpose';

type Schemas = components['schemas'];
export type SegmentLine = Schemas['SegmentLine'];
export type Segment = Schemas['Segment'];
export type SegmentPreview = Schemas['SegmentPreview'];
export type Reachable = Schemas['Reachable'];
export type Catalogue = Schemas['CatalogueFacts'];

export const segmentsQuery = (purpose: Purpose) =>
  queryOptions({
    queryKey: ['segments', purpose],
    queryFn: ({ signal }) => ask(api.GET('/v1/segments', { params: { query: { purpose } }, signal })),
    placeholderData: keepPreviousData,
  });

export const segmentQuery = (name: string, purpose: Purpose) =>
  queryOptions({
    queryKey: ['segments', purpose, name],
    queryFn: ({ signal }) => ask(api.GET('/v1/segments/{name}', { params: { path: { name }, query: { purpose } }, signal })),
  });

export const catalogueQuery = (purpose: Purpose) =>
  queryOptions({
    queryKey: ['catalogue', purpose],
    queryFn: ({ signal }) => ask(api.GET('/v1/catalogue', { params: { query: { purpose } }, signal })),
    staleTime: 5 * 60_000,
  });

/** The commonest values of a column: names of events, kinds of transactions. */
export const valuesQuery = (purpose: Purpose, table: string, column: string) =>
  queryOptions({
    queryKey: ['values', purpose, table, column],
    queryFn: ({ signal }) => ask(api.GET('/v1/catalogue/values', { params: { query: { purpose, table, column } }, signal })),
    staleTime: 5 * 60_000,
  });

/** How many belong to an expression such as `a & b - c`. */
export const expressionQuery = (expression: string, purpose: Purpose) =>
  queryOptions({
    queryKey: ['preview', purpose, expression],
    queryFn: ({ signal }) => ask(api.POST('/v1/segments/preview', { body: { purpose, expression }, signal })),
  });
