// Every page of the console, for what must hold of all of them. Add yours.

import { inject } from 'vitest';

/** A customer of the stand-in, or of the made-up bank. */
const customer = process.env.FLORIN_CUSTOMER ?? (inject('examples') ? '10023' : '5');

export interface Known {
  name: string;
  path: string;
  /** Only with examples: a real bank need not have these segments. */
  example?: true;
}

export const pages: readonly Known[] = [
  { name: 'home', path: '/' },
  { name: 'customers', path: '/customers' },
  { name: 'customer', path: `/customers/${customer}` },
  { name: 'customer-profile', path: `/customers/${customer}?part=profile` },
  { name: 'customer-timeline', path: `/customers/${customer}?part=timeline` },
  { name: 'customer-scores', path: `/customers/${customer}?part=scores` },
  { name: 'customer-offers', path: `/customers/${customer}?part=offers&purpose=marketing` },
  { name: 'customer-identity', path: `/customers/${customer}?part=identity` },
  { name: 'segments', path: '/segments' },
  { name: 'segments-overlap', path: '/segments?beside=["gave_up_applying","big_senders","depositors"]' },
  { name: 'segment', path: '/segments/gave_up_applying' },
  { name: 'builder', path: '/segments/new' },
  {
    name: 'builder-filled',
    path: `/segments/new?purpose=analytics&where=${encodeURIComponent('{"all":[{"did":"apply_start","in_last_days":30},{"not":{"did":"apply_submit","in_last_days":30}},{"any":[{"trait":"balance_average_90d","at_least":"20000"},{"sequence":["login_failed","password_reset"],"within_days":1,"in_last_days":90},{"holds":"deposit","for_days":90}]}]}')}`,
  },
  { name: 'funnel', path: '/funnel' },
  { name: 'funnel-new', path: '/funnel?q={"step":[]}' },
  { name: 'retention', path: '/retention' },
  { name: 'paths', path: '/paths' },
  { name: 'sessions', path: '/sessions' },
  { name: 'explore', path: '/explore' },
  { name: 'explore-bars', path: '/explore?q={"table":"transaction","dimensions":[{"field":"channel"}],"measures":[{"aggregate":"sum","field":"amount"}]}' },
  { name: 'explore-pivot', path: '/explore?chart=pivot&side=sql&q={"table":"transaction","dimensions":[{"field":"channel"},{"field":"direction"}],"measures":[{"aggregate":"count"}]}' },
  { name: 'dashboards', path: '/dashboards' },
  { name: 'dashboard', path: '/dashboards/channels', example: true },
  { name: 'dashboard-edit', path: '/dashboards/channels?edit=true', example: true },
  { name: 'sql', path: '/sql?sql=select customer_id, ts, amount, kind from transaction limit 3000' },
  { name: 'sql-lineage', path: '/sql?part=lineage&sql=select customer_id, amount from transaction limit 10' },
  { name: 'data', path: '/data' },
  { name: 'quality', path: '/quality?table=transaction' },
  { name: 'quarantine', path: '/quality?part=quarantine&source=core_transaction' },
  { name: 'lineage', path: '/lineage' },
  { name: 'lineage-node', path: '/lineage?node=trait:balance' },
  { name: 'lineage-list', path: '/lineage?view=list' },
  { name: 'jobs', path: '/jobs' },
  { name: 'models', path: '/models' },
  { name: 'model', path: '/models/churn/4', example: true },
  { name: 'recommendations', path: '/recommendations' },
  { name: 'governance', path: '/governance' },
  { name: 'consent', path: '/governance?part=consent' },
  { name: 'policies', path: '/governance?part=policies' },
  { name: 'users', path: '/users' },
  { name: 'account', path: '/account' },
  { name: 'not-found', path: '/nowhere' },
];
