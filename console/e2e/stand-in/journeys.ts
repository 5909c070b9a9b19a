// Journeys of the made-up bank.

import { on, Reply, type Route, type Schemas } from './route';

const definition = (value: object) => value as Record<string, never>;

const saved: Schemas['SavedJourney'][] = [
  { name: 'apply', kind: 'funnel', about: 'From looking at an application to handing it in.', definition: definition({ kind: 'funnel', about: 'From looking at an application to handing it in.', within: '14 natural days', trend: 'week', step: [{ name: 'began', where: "name = 'apply_start'" }, { name: 'form', where: "name = 'apply_form'" }, { name: 'handed in', where: "name = 'apply_submit'" }] }) },
  { name: 'back_weekly', kind: 'retention', about: 'Who logs in again?', definition: definition({ kind: 'retention', about: 'Who logs in again?', start: "name = 'login'", period: 'week', first: '2026-09-07', periods: 8 }) },
  { name: 'after_form', kind: 'paths', about: 'What comes after the form?', definition: definition({ kind: 'paths', about: 'What comes after the form?', after: 'apply_form', depth: 2, gap: '30 min' }) },
  { name: 'visits', kind: 'sessions', about: 'Visits of the app.', definition: definition({ kind: 'sessions', about: 'Visits of the app.', gap: '30 min' }) },
];

const histogram: Schemas['DurationBucket'][] = [1, 2, 4, 8, 16, 32, 64].map((minutes, nth) => ({ from_seconds: minutes * 60, to_seconds: minutes * 120, count: [40, 120, 260, 210, 90, 30, 8][nth] ?? 0 }));
const weeks = ['2026-09-07', '2026-09-14', '2026-09-21', '2026-09-28', '2026-10-05', '2026-10-12'];

function broken(name: string | null, counts: number[]): Schemas['FunnelValue'] {
  return {
    value: name,
    excluded: 12,
    steps: counts.map((customers, nth) => ({ customers, dropped: nth === 0 ? 0 : (counts[nth - 1] ?? 0) - customers, mean_seconds: nth === 0 ? null : 400, median_seconds: nth === 0 ? null : 312, median_seconds_from_first: nth === 0 ? null : 312 * nth, histogram: nth === 0 ? [] : histogram })),
    trend: weeks.map((from, nth) => ({ from, customers: counts.map((count) => Math.round(count / (6 + (nth % 3)))) })),
  };
}

function funnel(def: Schemas['FunnelDef']): Schemas['FunnelAnswer'] {
  const counts = (all: number) => def.step.map((_, nth) => Math.round(all * 0.78 ** nth));
  return { steps: def.step.map(({ name }) => name), values: def.by ? [broken('ios', counts(4_120)), broken('android', counts(3_610)), broken(null, counts(402))] : [broken(null, counts(8_132))] };
}

const retention: Schemas['RetentionAnswer'] = {
  cohorts: Array.from({ length: 8 }, (_, nth) => ({
    from: weeks[nth] ?? `2026-10-${19 + (nth - 6) * 7}`,
    customers: 1_200 - nth * 90,
    cells: Array.from({ length: 8 - nth }, (_unused, later) => ({ later, customers: Math.round((1_200 - nth * 90) * (later === 0 ? 1 : 0.72 * 0.86 ** later)), complete: later < 7 - nth })),
  })),
};

const paths: Schemas['PathsAnswer'] = {
  nodes: [{ position: 0, name: 'apply_form', customers: 5_020 }, { position: 1, name: 'apply_submit', customers: 3_211 }, { position: 1, name: 'login_failed', customers: 640 }, { position: 1, name: null, customers: 402 }, { position: 2, name: 'logout', customers: 2_900 }, { position: 2, name: 'password_reset', customers: 511 }],
  links: [{ position: 0, from: 'apply_form', to: 'apply_submit', customers: 3_211 }, { position: 0, from: 'apply_form', to: 'login_failed', customers: 640 }, { position: 0, from: 'apply_form', to: null, customers: 402 }, { position: 1, from: 'apply_submit', to: 'logout', customers: 2_900 }, { position: 1, from: 'login_failed', to: 'password_reset', customers: 511 }],
};

const sessions: Schemas['SessionsAnswer'] = {
  sessions: 812_330,
  customers: 148_210,
  rows: 6_120_448,
  single: 121_002,
  mean_seconds: 412,
  median_seconds: 233,
  histogram,
  names: ['login', 'view_product', 'transfer', 'apply_start'].map((name, nth) => ({ name, entries: 400_000 - nth * 90_000, exits: 120_000 + nth * 60_000, entered: 120_000 - nth * 20_000, exited: 60_000 + nth * 9_000, median_stay_seconds: 24 + nth * 18 })),
};

function ask({ journey }: Schemas['AskJourney']): Schemas['JourneyAnswer'] | Reply {
  const none = { funnel: null, retention: null, sessions: null, paths: null, sql: 'select customer_id, ts from event where name in (…)', took_ms: 231.4 };
  if (journey.kind === 'funnel') return journey.step.some(({ where }) => where.includes('nonsense')) ? Reply.problem(422, 'invalid', 'there is no column `nonsense`') : { ...none, funnel: funnel(journey) };
  if (journey.kind === 'retention') return { ...none, retention };
  return journey.kind === 'paths' ? { ...none, paths } : { ...none, sessions };
}

export function pageOf(after: number | null | undefined, total: number): Schemas['CustomerPage'] {
  const first = (after ?? 10_000) + 7;
  const list = Array.from({ length: 100 }, (_, nth) => first + nth * 13);
  return { total, customers: list, next_after: first > 12_000 ? null : list.at(-1) };
}

export const routes: Route[] = [
  on('get', '/v1/journeys', saved),
  on('post', '/v1/journeys/ask', ({ body }) => ask(body as Schemas['AskJourney'])),
  on('post', '/v1/journeys/behind', ({ body }) => pageOf((body as Schemas['AskBehind']).after, 1_789)),
];
