// What is asked of one customer. Each question is for a purpose, and stands in the keys by it.

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import type { Purpose } from '@/app/purpose';

type Schemas = components['schemas'];
export type Customer = Schemas['Customer'];
export type TraitValue = Schemas['TraitValue'];
export type CustomerScore = Schemas['CustomerScore'];
export type CustomerOffer = Schemas['CustomerOffer'];
export type ExplainedScore = Schemas['ExplainedScore'];
export type OffersNow = Schemas['OffersNow'];
export type Person = Schemas['Person'];
export type Merged = Schemas['Merged'];
/** Pairs come through the client as lists of texts. */
export type Happened = Omit<Schemas['Happened'], 'said'> & { said: string[][] };
export type Rows = Schemas['Rows'];

/** Who is asked about, and what for. */
export interface Of {
  customer: number;
  purpose: Purpose;
}

export const customerQuery = ({ customer, purpose }: Of, as_of?: string) =>
  queryOptions({
    queryKey: ['customer', customer, purpose, as_of ?? 'now'],
    queryFn: ({ signal }) => ask(api.GET('/v1/customers/{customer}', { params: { path: { customer: String(customer) }, query: { purpose, as_of } }, signal })),
    placeholderData: keepPreviousData,
  });

export const personQuery = (customer: number) =>
  queryOptions({
    queryKey: ['customer', customer, 'person'],
    queryFn: ({ signal }) => ask(api.GET('/v1/customers/{customer}/person', { params: { path: { customer: String(customer) } }, signal })),
  });

export const explainedQuery = ({ customer, purpose }: Of, model: string) =>
  queryOptions({
    queryKey: ['customer', customer, purpose, 'score', model],
    queryFn: ({ signal }) => ask(api.GET('/v1/customers/{customer}/scores/{model}', { params: { path: { customer: String(customer), model }, query: { purpose } }, signal })),
  });

export const offersQuery = ({ customer, purpose }: Of) =>
  queryOptions({
    queryKey: ['customer', customer, purpose, 'offers'],
    queryFn: ({ signal }) => ask(api.GET('/v1/customers/{customer}/offers', { params: { path: { customer: String(customer) }, query: { purpose } }, signal })),
  });
