// Models and their versions; what may be recommended.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '@/app/routes';
import { flag, oneOf, text } from '@/app/search';

export interface ModelsSearch {
  /** With versions that are retired or refused. */
  all?: true;
}

export const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models',
  validateSearch: (raw: Record<string, unknown>): ModelsSearch => ({ all: flag(raw, 'all') }),
  component: lazyRouteComponent(() => import('./models'), 'ModelsScreen'),
});

export const versionParts = ['card', 'acts', 'drift', 'definition'] as const;

export const versionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models/$name/$version',
  validateSearch: (raw: Record<string, unknown>): { part?: (typeof versionParts)[number] } => ({ part: oneOf(raw, 'part', versionParts) }),
  component: lazyRouteComponent(() => import('./version'), 'VersionScreen'),
});

export const offersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recommendations',
  validateSearch: (raw: Record<string, unknown>): { offer?: string } => ({ offer: text(raw, 'offer') }),
  component: lazyRouteComponent(() => import('./offers'), 'OffersScreen'),
});

export const modelRoutes = [modelsRoute, versionRoute, offersRoute] as const;
