// How questions are kept and asked again.

import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './error';

const RETRIES_MAX = 2;
const FRESH_MS = 30_000;
const KEPT_MS = 10 * 60_000;

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        gcTime: KEPT_MS,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < RETRIES_MAX && error instanceof ApiError && error.passing,
      },
      mutations: { retry: false },
    },
  });
}

export const queryClient = newQueryClient();
