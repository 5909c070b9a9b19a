// All screens. To add one: its folder in `screens/`, and a line here.

import { createRouter } from '@tanstack/react-router';
import { whenSignedOut } from '@/api/client';
import { queryClient } from '@/api/queries';
import { rootRoute, shellRoute } from '@/app/routes';
import { meQuery } from '@/app/session';
import { accountRoutes } from '@/screens/account/routes';
import { customerRoutes } from '@/screens/customer/routes';
import { dashboardRoutes } from '@/screens/dashboards/routes';
import { dataRoutes } from '@/screens/data/routes';
import { exploreRoutes } from '@/screens/explore/routes';
import { governanceRoutes } from '@/screens/governance/routes';
import { homeRoutes } from '@/screens/home/routes';
import { journeyRoutes } from '@/screens/journeys/routes';
import { modelRoutes } from '@/screens/models/routes';
import { segmentRoutes } from '@/screens/segments/routes';
import { signInRoute } from '@/screens/sign-in/routes';
import { sqlRoutes } from '@/screens/sql/routes';
import { userRoutes } from '@/screens/users/routes';

const routeTree = rootRoute.addChildren([
  signInRoute,
  shellRoute.addChildren([
    ...accountRoutes,
    ...customerRoutes,
    ...dashboardRoutes,
    ...dataRoutes,
    ...exploreRoutes,
    ...governanceRoutes,
    ...homeRoutes,
    ...journeyRoutes,
    ...modelRoutes,
    ...segmentRoutes,
    ...sqlRoutes,
    ...userRoutes,
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingMs: 300,
});

whenSignedOut(() => {
  queryClient.removeQueries({ queryKey: meQuery.queryKey });
  const { href, pathname } = router.state.location;
  if (pathname !== '/sign-in') void router.navigate({ to: '/sign-in', search: { next: href } });
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
