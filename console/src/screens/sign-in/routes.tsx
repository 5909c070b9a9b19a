// Signing in. `next` is where somebody wanted to go, `refused` why the bank's own sign-on led them back here.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '@/app/routes';
import { text } from '@/app/search';

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (raw: Record<string, unknown>): { next?: string; refused?: string } => ({ next: localPath(text(raw, 'next')), refused: text(raw, 'refused') }),
  component: lazyRouteComponent(() => import('./sign-in'), 'SignIn'),
});

/** Only our own paths: a link that lured somebody here must not lead them off afterwards. */
export function localPath(next: string | undefined): string | undefined {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : undefined;
}
