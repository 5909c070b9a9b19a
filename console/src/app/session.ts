// Who has signed in. The cookie is the server's and unreadable here; what we know is what /v1/me says.

import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import { queryClient } from '@/api/queries';
import type { components } from '@/api/schema';
import { setZone } from '@/format/time';

export type Me = components['schemas']['Me'];
export type Role = components['schemas']['Role'];

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => {
    const me = await ask(api.GET('/v1/me', { signal }));
    setZone(me.bank.time_zone);
    return me;
  },
  staleTime: 5 * 60_000,
});

/** Whoever has signed in. Only below the shell, which asks first. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Whether policies let them do something: `define`, `ingest`, `read_audit` … The server has the last word. */
export function useMay(action: string): boolean {
  return useMe().actions.includes(action);
}

/** Takes somebody in: what another reader had seen is forgotten. */
export function arrive(me: Me): void {
  queryClient.clear();
  setZone(me.bank.time_zone);
  queryClient.setQueryData(meQuery.queryKey, me);
}

export async function signOut(): Promise<void> {
  await ask(api.POST('/v1/sign-out'));
  queryClient.clear();
}
