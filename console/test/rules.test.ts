// Small rules that screens rest on.

import { describe, expect, test } from 'vitest';
import { type Purpose, purposeFor, purposes } from '../src/app/purpose';
import { flag, oneOf, text, texts, whole } from '../src/app/search';
import { decimalText } from '../src/screens/customer/records';
import type { ExplainedScore, Happened } from '../src/screens/customer/queries';
import { repeated } from '../src/screens/customer/repeated';
import { steps } from '../src/screens/customer/waterfall-steps';
import { localPath } from '../src/screens/sign-in/routes';

describe('the purpose of a question', () => {
  const all = purposes;
  test.each([
    ['the address says it', 'risk', 'marketing', ['analyst'], all, 'risk'],
    ['the address says it, though policies will refuse', 'risk', null, ['analyst'], ['analytics'], 'risk'],
    ['the last choice holds', undefined, 'marketing', ['analyst'], all, 'marketing'],
    ['a last choice that is no longer allowed does not', undefined, 'risk', ['marketer'], ['marketing', 'analytics'], 'marketing'],
    ['the role decides', undefined, null, ['service_agent'], all, 'service'],
    ['nonsense in the address is ignored', 'world domination', null, ['compliance_officer'], all, 'compliance'],
    ['what is allowed at all', undefined, null, [], ['compliance'], 'compliance'],
  ] as [string, string | undefined, string | null, string[], Purpose[], Purpose][])('%s', (_, inAddress, stored, roles, allowed, expected) => {
    expect(purposeFor(inAddress, stored, { roles, purposes: allowed })).toBe(expected);
  });
});

describe('where somebody goes after signing in', () => {
  test.each([
    ['/segments?find=a', '/segments?find=a'],
    ['https://evil.example/', undefined],
    ['//evil.example/', undefined],
    ['/\\evil.example/', undefined],
    ['javascript:alert(1)', undefined],
    ['/sign-in?next=/', undefined],
    [undefined, undefined],
  ])('%s', (next, expected) => {
    expect(localPath(next)).toBe(expected);
  });
});

test('what does not fit in an address is left out', () => {
  const raw = { name: 7, empty: '', sort: 'up', page: '3', minus: -1, list: ['a', '', 4], one: 'a', on: 'true' };
  expect(text(raw, 'name')).toBe('7');
  expect(text(raw, 'empty')).toBeUndefined();
  expect(oneOf(raw, 'sort', ['down'])).toBeUndefined();
  expect(whole(raw, 'page')).toBe(3);
  expect(whole(raw, 'minus')).toBeUndefined();
  expect(whole(raw, 'absent')).toBeUndefined();
  expect(texts(raw, 'list')).toEqual(['a']);
  expect(texts(raw, 'one')).toEqual(['a']);
  expect(flag(raw, 'on')).toBe(true);
});

test.each([
  ['12500.0000', '12,500.00'],
  ['-3120.5000', '-3,120.50'],
  ['9007199254740993.1234', '9,007,199,254,740,993.1234'],
  ['127', '127'],
  ['east', 'east'],
])('decimal text %s stays exact', (value, expected) => {
  expect(decimalText(value)).toBe(expected);
});

const effect = (feature: string, adds: number) => ({ feature, called: { zh: feature, en: feature }, adds, protected: false, value: null });

describe('a waterfall', () => {
  const effects = [effect('a', 0.5), effect('b', -0.7), effect('c', 0.1), effect('d', 0.05)];
  const explained: ExplainedScore = { model: 'm', version: 1, customer: 1, score: 0.4, base: -0.2, margin: -0.25, effects, reasons: [] };

  test('goes from the base to the margin without a gap, the strongest first', () => {
    const { steps: bars } = steps(explained, 2);
    expect(bars.map((bar) => bar.key)).toEqual(['base', 'b', 'a', 'rest', 'margin']);
    const moved = bars.slice(1, -1);
    for (const [nth, bar] of moved.slice(1).entries()) expect(bar.from).toBeCloseTo(moved[nth]?.to ?? Number.NaN, 12);
    expect(moved.at(-1)?.to).toBeCloseTo(explained.margin, 12);
  });

  test('has no rest when all is shown', () => {
    expect(steps(explained, 4).steps.map((bar) => bar.key)).not.toContain('rest');
  });
});

const view = (ts: number): Happened => ({ ts, table: 'event', said: [['name', 'view']] });

test('the same thing within a minute is one line, and nothing else is', () => {
  const login: Happened = { ts: 0, table: 'event', said: [['name', 'login']] };
  const lines = repeated([view(200_000_000), view(130_000_000), view(100_000_000), login, view(90_000_000)]);
  expect(lines.map(({ happened, times }) => [happened.said[0]?.[1], times])).toEqual([['view', 1], ['view', 2], ['login', 1], ['view', 1]]);
});
