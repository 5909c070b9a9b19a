// What conditions can be about, for all fields of the builder.

import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { Purpose } from '@/app/purpose';
import { type Catalogue, valuesQuery } from '../queries';

export interface Catalogued {
  purpose: Purpose;
  traits: Catalogue['traits'];
  segments: Catalogue['segments'];
}

export const CatalogueContext = createContext<Catalogued>({ purpose: 'analytics', traits: [], segments: {} });

export const useCatalogue = () => useContext(CatalogueContext);

/** The commonest values of a column, as options. Whoever may not see them types instead. */
export function useValues(table: string, column: string, prefix = ''): { value: string }[] {
  const { purpose } = useCatalogue();
  const values = useQuery({ ...valuesQuery(purpose, table, column), retry: false });
  return (values.data ?? []).map(({ value }) => ({ value: prefix + value }));
}

/** Names of events, then of kinds of transactions. */
export function useDeeds(): { value: string }[] {
  const events = useValues('event', 'name');
  const transactions = useValues('transaction', 'kind', 'transaction:');
  return [...events, ...transactions];
}
