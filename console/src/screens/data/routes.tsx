// Sources and loads, quality with quarantine, lineage, long work.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';
import { flag, oneOf, text } from '@/app/search';

export interface DataSearch {
  /** Loads of this source alone. */
  source?: string;
}

export const dataRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/data',
  validateSearch: (raw: Record<string, unknown>): DataSearch => ({ source: text(raw, 'source') }),
  component: lazyRouteComponent(() => import('./sources'), 'SourcesScreen'),
});

export const qualityParts = ['tables', 'quarantine'] as const;

export interface QualitySearch {
  part?: (typeof qualityParts)[number];
  table?: string;
  /** Of the quarantine: records of this source. */
  source?: string;
  /** With the raw text of records, which is on the audit log. */
  raw?: true;
}

export const qualityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quality',
  validateSearch: (raw: Record<string, unknown>): QualitySearch => ({ part: oneOf(raw, 'part', qualityParts), table: text(raw, 'table'), source: text(raw, 'source'), raw: flag(raw, 'raw') }),
  component: lazyRouteComponent(() => import('./quality'), 'QualityScreen'),
});

export interface LineageSearch {
  /** The node that is looked at: `trait:age`. */
  node?: string;
  view?: 'graph' | 'list';
}

export const lineageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/lineage',
  validateSearch: (raw: Record<string, unknown>): LineageSearch => ({ node: text(raw, 'node'), view: oneOf(raw, 'view', ['graph', 'list'] as const) }),
  component: lazyRouteComponent(() => import('./lineage'), 'LineageScreen'),
});

export const jobsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs',
  component: lazyRouteComponent(() => import('./jobs'), 'JobsScreen'),
});

export const dataRoutes = [dataRoute, qualityRoute, lineageRoute, jobsRoute] as const;
