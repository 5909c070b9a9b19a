// The audit log, consent, policies.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { purposes } from '@/app/purpose';
import { shellRoute } from '@/app/routes';
import { oneOf, text } from '@/app/search';

export const parts = ['audit', 'consent', 'policies'] as const;

export interface GovernanceSearch {
  part?: (typeof parts)[number];
  user?: string;
  kind?: string;
  /** Of entries; not the purpose that the reader acts for. */
  meant?: (typeof purposes)[number];
}

export const governanceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/governance',
  validateSearch: (raw: Record<string, unknown>): GovernanceSearch => ({ part: oneOf(raw, 'part', parts), user: text(raw, 'user'), kind: text(raw, 'kind'), meant: oneOf(raw, 'meant', purposes) }),
  component: lazyRouteComponent(() => import('./governance'), 'GovernanceScreen'),
});

export const governanceRoutes = [governanceRoute] as const;
