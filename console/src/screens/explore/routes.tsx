// Self-service charts. The question, how it is drawn, and the group that is open stand in the address.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';
import { oneOf, text } from '@/app/search';
import { type Fields, fields, list } from '@/app/state';
import { charts, type ChartType } from './shelves';

export interface ExploreSearch {
  q?: Fields;
  chart?: ChartType;
  as_of?: string;
  side?: 'rows' | 'sql';
  /** The group whose customers are looked at: its values, in the order of dimensions. */
  open?: (string | number | boolean | null)[];
}

const cell = (value: unknown) => (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? { value } : undefined);

export const exploreRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/explore',
  validateSearch: (raw: Record<string, unknown>): ExploreSearch => ({
    q: fields(raw.q),
    chart: oneOf(raw, 'chart', charts),
    as_of: text(raw, 'as_of'),
    side: oneOf(raw, 'side', ['rows', 'sql'] as const),
    open: Array.isArray(raw.open) ? list(raw.open, cell).map(({ value }) => value) : undefined,
  }),
  component: lazyRouteComponent(() => import('./explore'), 'ExploreScreen'),
});

export const exploreRoutes = [exploreRoute] as const;
