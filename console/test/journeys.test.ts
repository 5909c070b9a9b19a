// Journeys in the address, what of them is asked, and what is told of retention.

import { describe, expect, test } from 'vitest';
import { asked, firstPeriod, type JourneyDef, readCell, readJourney } from '@/screens/journeys/definition';
import { eventsOf } from '@/screens/journeys/event-where';
import { meanRetention } from '@/screens/journeys/retention-mean';
import { readSearch } from '@/screens/journeys/routes';

const journeys: JourneyDef[] = [
  { kind: 'funnel', about: 'x', within: '14 natural days', order: 'strict', sharing: 'instant', hold: 'session_id', by: 'device', attribution: 'step 2', trend: 'week', rows: { from: 'event', since: '2026-01-01' }, step: [{ name: 'a', where: "name = 'a'" }, { name: 'b', where: "name = 'b'", within: '1 h' }], exclude: [{ where: "name = 'error'", after: 1, before: 2 }] },
  { kind: 'retention', start: "name = 'login'", return: "name = 'pay'", period: 'month', first: '2026-01-01', periods: 12, cohorts: 'recurring', counts: 'on_or_after' },
  { kind: 'paths', before: 'transfer_done', last: true, depth: 4, breadth: 6, gap: '30 min' },
  { kind: 'sessions', gap: '30 min', channel: 'channel', midnight: true, rows: { where: "name <> 'view'" } },
];

test.each(journeys)('a $kind goes through the address unchanged', (def) => {
  const through = readSearch(JSON.parse(JSON.stringify({ q: def })) as Record<string, unknown>);
  expect(readJourney(def.kind, through.q)).toEqual(def);
});

test('an address that makes no sense still opens', () => {
  expect(readJourney('funnel', { step: [3, null, { name: 'a' }], trend: 'century', exclude: 'x' })).toEqual({ kind: 'funnel', step: [{ name: 'a', where: '' }] });
  expect(readJourney('retention', 'x')).toBeUndefined();
  expect(readSearch({ q: [], open: { of: 'nothing' }, name: 7 })).toEqual({ q: undefined, name: '7', as_of: undefined, open: undefined, view: undefined });
});

test.each([{ of: 'funnel', step: 2, dropped: true, value: 'ios' }, { of: 'retention', cohort: 3, later: 2 }, { of: 'sessions', how: 'exited', name: 'login' }, { of: 'node', position: 1, name: 'login' }, { of: 'link', position: 0, from: 'a', to: 'b' }])('the number $of is read back', (cell) => {
  expect(readCell(JSON.parse(JSON.stringify(cell)))).toEqual(cell);
});

describe('what is asked', () => {
  test('leaves out steps that say nothing yet, and exclusions that no longer lie between steps', () => {
    const def: JourneyDef = { kind: 'funnel', step: [{ name: 'a', where: 'x = 1' }, { name: 'b', where: '' }, { name: '', where: 'y = 1' }], exclude: [{ where: 'z = 1', after: 1, before: 3 }, { where: 'z = 2', after: 1, before: 2 }] };
    expect(asked(def)).toEqual({ kind: 'funnel', step: [{ name: 'a', where: 'x = 1' }, { name: '2', where: 'y = 1' }], exclude: [{ where: 'z = 2', after: 1, before: 2 }] });
  });

  test('is nothing before there is a step, or a start', () => {
    expect(asked({ kind: 'funnel', step: [] })).toBeUndefined();
    expect(asked({ kind: 'retention', start: '', period: 'week', first: '2026-01-05', periods: 4 })).toBeUndefined();
  });
});

test('the first period begins where periods do', () => {
  expect(firstPeriod('2026-11-25', 'day', 7)).toBe('2026-11-19');
  expect(firstPeriod('2026-11-25', 'week', 2)).toBe('2026-11-16');
  expect(firstPeriod('2026-11-22', 'week', 1)).toBe('2026-11-16');
  expect(firstPeriod('2026-01-31', 'month', 3)).toBe('2025-11-01');
});

test('the mean of retention weighs cohorts by size, and leaves out periods that are not over', () => {
  const cohorts = [
    { customers: 100, cells: [{ later: 1, customers: 50, complete: true }] },
    { customers: 300, cells: [{ later: 1, customers: 60, complete: true }] },
    { customers: 900, cells: [{ later: 1, customers: 0, complete: false }] },
  ];
  expect(meanRetention(cohorts, 1)).toBeCloseTo(110 / 400);
  expect(meanRetention(cohorts, 2)).toBeNull();
});

test('the event of a step is told from its other conditions', () => {
  expect(eventsOf("name = 'a' and amount >= 1")).toEqual({ events: ['a'], rest: "amount >= '1'" });
  expect(eventsOf("name in ('a', 'b')")).toEqual({ events: ['a', 'b'], rest: undefined });
  expect(eventsOf("name = 'a' or amount > 1")).toBeUndefined();
});
