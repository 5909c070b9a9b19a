// Segments: all of them, one of them, and the builder of a new one.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';
import { oneOf, text, texts } from '@/app/search';

export const sorts = ['name', 'size', 'when'] as const;

export interface SegmentsSearch {
  find?: string;
  sort?: (typeof sorts)[number];
  /** Segments whose overlap is looked at. */
  beside?: string[];
}

export const listRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/segments',
  validateSearch: (raw: Record<string, unknown>): SegmentsSearch => ({
    find: text(raw, 'find'),
    sort: oneOf(raw, 'sort', sorts),
    beside: texts(raw, 'beside'),
  }),
  component: lazyRouteComponent(() => import('./list'), 'SegmentsScreen'),
});

export const segmentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/segments/$name',
  component: lazyRouteComponent(() => import('./segment'), 'SegmentScreen'),
});

export const segmentRoutes = [listRoute, segmentRoute] as const;
