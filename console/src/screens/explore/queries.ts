// What is asked of shelves.

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import type { Purpose } from '@/app/purpose';
import type { Page } from '@/ui/behind/behind';
import type { Group, Shelves } from './shelves';

export interface Asked {
  purpose: Purpose;
  as_of?: string;
  shelves: Shelves;
}

export const exploreQuery = (asked: Asked | undefined) =>
  queryOptions({
    queryKey: ['explore', asked],
    queryFn: ({ signal }) => {
      if (!asked) throw new Error('there is nothing to ask');
      return ask(api.POST('/v1/explore', { body: asked, signal }));
    },
    enabled: asked !== undefined,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

export const behindGroup = ({ purpose, as_of }: Asked, { shelves, values }: Group, page: Page, signal?: AbortSignal) => ask(api.POST('/v1/explore/behind', { body: { ask: { purpose, as_of, shelves }, values, ...page }, signal }));

export const exportShelves = (asked: Asked, format: components['schemas']['FileFormat']) => ask(api.POST('/v1/explore/export', { body: { ask: asked, format }, parseAs: 'blob' }));
