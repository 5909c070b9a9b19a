// Segments: all of them, one of them, and the builder of a new one.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';
import { oneOf, text, texts } from '@/app/search';
import { type Group, readTree } from './builder/tree';

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

export interface BuilderSearch {
  /** The conditions, as `builder/tree.ts` writes them. */
  where?: Group;
}

export const builderRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/segments/new',
  validateSearch: (raw: Record<string, unknown>): BuilderSearch => ({ where: readTree(raw.where) }),
  component: lazyRouteComponent(() => import('./builder/builder'), 'BuilderScreen'),
});

export const segmentRoutes = [listRoute, segmentRoute, builderRoute] as const;
