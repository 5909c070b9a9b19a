// The two routes under which all others are: the root, and the shell with navigation and header for whoever has signed in.

import { createRootRoute, createRoute, lazyRouteComponent, Outlet, redirect, retainSearchParams } from '@tanstack/react-router';
import { ApiError } from '@/api/error';
import { queryClient } from '@/api/queries';
import { type Purpose, purposes } from './purpose';
import { oneOf } from './search';
import { meQuery } from './session';
import { Failed, NotFound } from './failed';

export const rootRoute = createRootRoute({
  component: Outlet,
  errorComponent: Failed,
  notFoundComponent: NotFound,
});

export interface ShellSearch {
  purpose?: Purpose;
}

export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  validateSearch: (raw: Record<string, unknown>): ShellSearch => ({ purpose: oneOf(raw, 'purpose', purposes) }),
  // A link within the console keeps the purpose.
  search: { middlewares: [retainSearchParams(['purpose'])] },
  beforeLoad: async ({ location }) => {
    await queryClient.ensureQueryData(meQuery).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 401) throw redirect({ to: '/sign-in', search: { next: location.href } });
      throw error;
    });
  },
  component: lazyRouteComponent(() => import('./shell'), 'Shell'),
  errorComponent: Failed,
  notFoundComponent: NotFound,
});
