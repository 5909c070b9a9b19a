// Finding a customer, and the whole view of one.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';
import { oneOf, text, texts } from '@/app/search';

export const parts = ['overview', 'profile', 'timeline', 'scores', 'offers', 'identity'] as const;
export type Part = (typeof parts)[number];

export interface CustomerSearch {
  part?: Part;
  /** The tables on the timeline. */
  tables?: string[];
  /** The model whose score is taken apart. */
  model?: string;
  /** A day: what was known then. */
  as_of?: string;
}

export const searchRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/customers',
  component: lazyRouteComponent(() => import('./search'), 'SearchScreen'),
});

export const customerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/customers/$customer',
  validateSearch: (raw: Record<string, unknown>): CustomerSearch => ({
    part: oneOf(raw, 'part', parts),
    tables: texts(raw, 'tables'),
    model: text(raw, 'model'),
    as_of: text(raw, 'as_of'),
  }),
  component: lazyRouteComponent(() => import('./customer'), 'CustomerScreen'),
});

export const customerRoutes = [searchRoute, customerRoute] as const;
