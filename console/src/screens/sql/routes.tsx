// Questions in SQL. The question stands in the address.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';
import { oneOf, text } from '@/app/search';

export const parts = ['rows', 'lineage'] as const;

export interface SqlSearch {
  sql?: string;
  /** A day: what was known then. */
  as_of?: string;
  part?: (typeof parts)[number];
}

export const sqlRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sql',
  validateSearch: (raw: Record<string, unknown>): SqlSearch => ({ sql: text(raw, 'sql'), as_of: text(raw, 'as_of'), part: oneOf(raw, 'part', parts) }),
  component: lazyRouteComponent(() => import('./sql'), 'SqlScreen'),
});

export const sqlRoutes = [sqlRoute] as const;
