// One's own account: password, authenticator, passkeys, keys of machines.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';

export const accountRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/account',
    component: lazyRouteComponent(() => import('./account'), 'AccountScreen'),
  }),
] as const;
