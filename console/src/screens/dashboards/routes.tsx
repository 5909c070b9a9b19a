// All dashboards, and one of them. What was picked on it stands in the address.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';
import { flag, text } from '@/app/search';
import { list } from '@/app/state';
import { type Cross, readCross } from './body';

export const dashboardsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/dashboards',
  component: lazyRouteComponent(() => import('./dashboards'), 'DashboardsScreen'),
});

export interface DashboardSearch {
  cross?: Cross[];
  as_of?: string;
  edit?: true;
}

export const dashboardRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/dashboards/$name',
  validateSearch: (raw: Record<string, unknown>): DashboardSearch => {
    const cross = list(raw.cross, readCross);
    return { cross: cross.length > 0 ? cross : undefined, as_of: text(raw, 'as_of'), edit: flag(raw, 'edit') };
  },
  component: lazyRouteComponent(() => import('./dashboard'), 'DashboardScreen'),
});

export const dashboardRoutes = [dashboardsRoute, dashboardRoute] as const;
