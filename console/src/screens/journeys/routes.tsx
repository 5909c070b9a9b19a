// Funnel, retention, paths, sessions. The question itself stands in the address, and so does the number that is open.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';
import { text } from '@/app/search';
import { type Fields, fields } from '@/app/state';
import { type Cell, readCell } from './definition';

export interface JourneySearch {
  /** The definition that is asked; the saved one when absent. */
  q?: Fields;
  /** The saved journey that it began from. */
  name?: string;
  /** A day: what was known then. */
  as_of?: string;
  /** The number whose customers are looked at. */
  open?: Cell;
  /** What is drawn beside: a chart of a screen that has several. */
  view?: string;
}

export const readSearch = (raw: Record<string, unknown>): JourneySearch => ({ q: fields(raw.q), name: text(raw, 'name'), as_of: text(raw, 'as_of'), open: readCell(raw.open), view: text(raw, 'view') });

export const journeyRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: '/funnel', validateSearch: readSearch, component: lazyRouteComponent(() => import('./funnel'), 'FunnelScreen') }),
  createRoute({ getParentRoute: () => shellRoute, path: '/retention', validateSearch: readSearch, component: lazyRouteComponent(() => import('./retention'), 'RetentionScreen') }),
  createRoute({ getParentRoute: () => shellRoute, path: '/paths', validateSearch: readSearch, component: lazyRouteComponent(() => import('./paths'), 'PathsScreen') }),
  createRoute({ getParentRoute: () => shellRoute, path: '/sessions', validateSearch: readSearch, component: lazyRouteComponent(() => import('./sessions'), 'SessionsScreen') }),
] as const;
