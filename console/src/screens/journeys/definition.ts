// Journeys as they stand in the address, in files of the bank directory and in requests: one shape for all three. Pure.

import type { components } from '@/api/schema';
import { among, compact, type Fields, fields, int, list, str } from '@/app/state';

type Schemas = components['schemas'];
export type JourneyDef = Schemas['JourneyDef'];
export type Kind = JourneyDef['kind'];
export type Of<K extends Kind> = Extract<JourneyDef, { kind: K }>;
export type Step = Schemas['StepDef'];
export type Exclusion = Schemas['ExclusionDef'];
export type RowsDef = Schemas['RowsDef'];
export type Cell = Schemas['JourneyCell'];

export const kinds = ['funnel', 'retention', 'paths', 'sessions'] as const;
export const orders = ['ordered', 'strict', 'any', 'window_funnel'] as const;
export const sharings = ['row', 'instant', 'nothing'] as const;
export const trends = ['day', 'week', 'month'] as const;
export const cohorts = ['first_time', 'recurring'] as const;
export const counts = ['on', 'on_or_after'] as const;

const STEPS_MAX = 32;

function readRows(value: unknown): RowsDef | undefined {
  const raw = fields(value);
  if (!raw) return undefined;
  const rows = compact({ from: str(raw.from), where: str(raw.where), since: str(raw.since), until: str(raw.until) });
  return Object.keys(rows).length > 0 ? rows : undefined;
}

function readStep(value: unknown): Step | undefined {
  const raw = fields(value);
  return raw && compact({ name: str(raw.name) ?? '', where: str(raw.where) ?? '', within: str(raw.within) });
}

function readExclusion(value: unknown): Exclusion | undefined {
  const raw = fields(value);
  return raw && { where: str(raw.where) ?? '', after: int(raw.after) ?? 1, before: int(raw.before) ?? 2 };
}

const truth = (value: unknown): true | undefined => (value === true ? true : undefined);

const readers: { [K in Kind]: (raw: Fields) => Of<K> } = {
  funnel: (raw) => ({
    kind: 'funnel',
    about: str(raw.about),
    rows: readRows(raw.rows),
    order: among(raw.order, orders),
    sharing: among(raw.sharing, sharings),
    within: str(raw.within),
    hold: str(raw.hold),
    by: str(raw.by),
    attribution: str(raw.attribution),
    trend: among(raw.trend, trends),
    step: list(raw.step, readStep).slice(0, STEPS_MAX),
    exclude: list(raw.exclude, readExclusion),
  }),
  retention: (raw) => ({
    kind: 'retention',
    about: str(raw.about),
    rows: readRows(raw.rows),
    start: str(raw.start) ?? '',
    return: str(raw.return),
    period: among(raw.period, trends) ?? 'week',
    first: str(raw.first) ?? '',
    periods: int(raw.periods) ?? 12,
    cohorts: among(raw.cohorts, cohorts),
    counts: among(raw.counts, counts),
  }),
  paths: (raw) => ({
    kind: 'paths',
    about: str(raw.about),
    rows: readRows(raw.rows),
    name: str(raw.name),
    after: str(raw.after),
    before: str(raw.before),
    last: truth(raw.last),
    depth: int(raw.depth),
    breadth: int(raw.breadth),
    gap: str(raw.gap),
  }),
  sessions: (raw) => ({
    kind: 'sessions',
    about: str(raw.about),
    rows: readRows(raw.rows),
    gap: str(raw.gap),
    channel: str(raw.channel),
    midnight: truth(raw.midnight),
    name: str(raw.name),
  }),
};

/** A definition of that kind, of whatever was there. Files may say what the console cannot: that is left out. */
export function readJourney<K extends Kind>(kind: K, value: unknown): Of<K> | undefined {
  const raw = fields(value);
  if (!raw) return undefined;
  const made = readers[kind](raw);
  // Equal questions are equal addresses, but a funnel always has its list of steps.
  return { ...compact(made), ...('step' in made ? { step: made.step } : {}) };
}

/** What is asked: lines that say nothing yet are left out. Nothing when there is nothing to ask. */
export function asked(def: JourneyDef): JourneyDef | undefined {
  if (def.kind === 'funnel') {
    const step = def.step.filter((each) => each.where !== '').map((each, nth) => ({ ...each, name: each.name || `${nth + 1}` }));
    const exclude = (def.exclude ?? []).filter((each) => each.where !== '' && each.before <= step.length && each.after < each.before);
    return step.length > 0 ? compact({ ...def, step, exclude }) : undefined;
  }
  if (def.kind === 'retention') return def.start !== '' && /^\d{4}-\d\d-\d\d$/.test(def.first) ? def : undefined;
  return def;
}

export function readCell(value: unknown): Cell | undefined {
  const raw = fields(value);
  if (!raw) return undefined;
  const whole = { position: int(raw.position) ?? 0 };
  switch (raw.of) {
    case 'funnel':
      return compact({ of: 'funnel' as const, step: int(raw.step) ?? 1, dropped: truth(raw.dropped), value: str(raw.value) });
    case 'retention':
      return compact({ of: 'retention' as const, cohort: int(raw.cohort) ?? 0, later: int(raw.later) ?? 0, lost: truth(raw.lost) });
    case 'sessions':
      return compact({ of: 'sessions' as const, how: among(raw.how, ['entered', 'exited'] as const), name: str(raw.name) });
    case 'node':
      return compact({ of: 'node' as const, ...whole, name: str(raw.name) });
    case 'link':
      return compact({ of: 'link' as const, ...whole, from: str(raw.from), to: str(raw.to) });
    default:
      return undefined;
  }
}

/** 12 → Monday of the week eleven weeks before `today` (a day as the bank writes it). */
export function firstPeriod(today: string, period: 'day' | 'week' | 'month', periods: number): string {
  const at = new Date(`${today}T00:00:00Z`);
  if (period === 'day') at.setUTCDate(at.getUTCDate() - periods + 1);
  if (period === 'week') at.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7) - 7 * (periods - 1));
  if (period === 'month') at.setUTCMonth(at.getUTCMonth() - periods + 1, 1);
  return at.toISOString().slice(0, 10);
}
