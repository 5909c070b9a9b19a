// What is asked of journeys.

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import type { Purpose } from '@/app/purpose';
import type { Page } from '@/ui/behind/behind';
import type { Cell, JourneyDef } from './definition';

type Schemas = components['schemas'];
export type Saved = Schemas['SavedJourney'];
export type Answer = Schemas['JourneyAnswer'];

export interface Asked {
  purpose: Purpose;
  as_of?: string;
  journey: JourneyDef;
}

export const savedQuery = queryOptions({
  queryKey: ['journeys'],
  queryFn: ({ signal }) => ask(api.GET('/v1/journeys', { signal })),
  staleTime: 60_000,
});

export const journeyQuery = (asked: Asked | undefined) =>
  queryOptions({
    queryKey: ['journey', asked],
    queryFn: ({ signal }) => {
      if (!asked) throw new Error('there is nothing to ask');
      return ask(api.POST('/v1/journeys/ask', { body: asked, signal }));
    },
    enabled: asked !== undefined,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

export const behind = (asked: Asked, cell: Cell, page: Page, signal?: AbortSignal) => ask(api.POST('/v1/journeys/behind', { body: { ask: asked, cell, ...page }, signal }));
