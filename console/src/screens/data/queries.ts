// What is asked of data: where it comes from, what became of it.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Counts = Schemas['Counts'];
export type Source = Schemas['SourceFacts'];
export type Load = Schemas['Load'];
/** Pairs come through the client as lists of texts. */
export type ColumnQuality = Omit<Schemas['ColumnQuality'], 'bounds'> & { bounds?: string[] | null };
export type TableQuality = Omit<Schemas['TableQuality'], 'columns'> & { columns: ColumnQuality[] };
export type QuarantineCount = Schemas['QuarantineCount'];
export type NewJob = Schemas['NewJob'];
export type Graph = Schemas['LineageGraph'];

export const sourcesQuery = queryOptions({ queryKey: ['data', 'sources'], queryFn: ({ signal }) => ask(api.GET('/v1/sources', { signal })) });

export const loadsQuery = (source: string | undefined) => queryOptions({ queryKey: ['data', 'loads', source ?? 'all'], queryFn: ({ signal }) => ask(api.GET('/v1/loads', { params: { query: { source, limit: 200 } }, signal })) });

export const qualityQuery = queryOptions({ queryKey: ['data', 'quality'], queryFn: ({ signal }) => ask(api.GET('/v1/quality', { signal })) });

export const quarantineQuery = queryOptions({ queryKey: ['data', 'quarantine'], queryFn: ({ signal }) => ask(api.GET('/v1/quarantine', { signal })) });

export const recordsQuery = (source: string, raw: boolean) => queryOptions({ queryKey: ['data', 'records', source, raw], queryFn: ({ signal }) => ask(api.GET('/v1/quarantine/records', { params: { query: { source, raw, limit: 200 } }, signal })) });

export const lineageQuery = queryOptions({ queryKey: ['data', 'lineage'], queryFn: ({ signal }) => ask(api.GET('/v1/lineage', { signal })), staleTime: 60_000 });

export const jobsQuery = queryOptions({ queryKey: ['jobs'], queryFn: ({ signal }) => ask(api.GET('/v1/jobs', { signal })) });

/** Begins long work. A second click within one try finds the job of the first. */
export function useBegin() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (what: NewJob) => ask(api.POST('/v1/jobs', { body: what, headers: { 'idempotency-key': crypto.randomUUID() } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['jobs'] }),
  });
}
