// Conditions as SQL, and back.

import { describe, expect, test } from 'vitest';
import type { ColumnType } from '@/api/catalogue';
import { type Condition, conditionsOf, sqlOf, tests } from '@/ui/condition/sql';

const types: Record<string, ColumnType> = { amount: 'decimal', name: 'text', ts: 'timestamp', born: 'date', active: 'bool', order: 'text', 'Odd "one"': 'text' };
const typeOf = (column: string) => types[column];

const said: [string, Condition[], string][] = [
  ['one value', [{ column: 'name', test: 'is', values: ['login'] }], "name = 'login'"],
  ['several values', [{ column: 'name', test: 'is', values: ['login', 'logout'] }], "name in ('login', 'logout')"],
  ['none of them', [{ column: 'name', test: 'is_not', values: ['a', 'b'] }], "name not in ('a', 'b')"],
  ['quotes within', [{ column: 'name', test: 'is', values: ["o'hara'; drop table x --"] }], "name = 'o''hara''; drop table x --'"],
  ['a number as a number', [{ column: 'amount', test: 'at_least', values: ['-10.50'] }], 'amount >= -10.50'],
  ['no number as a text', [{ column: 'amount', test: 'at_most', values: ['1 or 1=1'] }], "amount <= '1 or 1=1'"],
  ['a day', [{ column: 'born', test: 'at_most', values: ['2001-02-03'] }], "born <= date '2001-02-03'"],
  ['a time', [{ column: 'ts', test: 'at_least', values: ['2026-01-31'] }], "ts >= timestamp '2026-01-31'"],
  ['truth', [{ column: 'active', test: 'is', values: ['true'] }], 'active = true'],
  ['a part', [{ column: 'name', test: 'contains', values: ["a'b"] }], "strpos(name, 'a''b') > 0"],
  ['absence and presence', [{ column: 'name', test: 'missing', values: [] }, { column: 'ts', test: 'there', values: [] }], 'name is null and ts is not null'],
  ['a reserved name', [{ column: 'order', test: 'is', values: ['x'] }], `"order" = 'x'`],
  ['an odd name', [{ column: 'Odd "one"', test: 'is', values: ['x'] }], `"Odd ""one""" = 'x'`],
];

test.each(said)('%s is written as SQL, and read back the same', (_, conditions, sql) => {
  expect(sqlOf(conditions, typeOf)).toBe(sql);
  expect(conditionsOf(sql)).toEqual(conditions);
});

test('whatever is typed stays within its quotes', () => {
  const nasty = ["'", "''", "'--", '\\', "\\'", '"', ')', "') or (1=1", '\n', '一', '0x00', 'null'];
  for (const value of nasty) {
    for (const name of tests) {
      const values = name === 'missing' || name === 'there' ? [] : [value];
      const sql = sqlOf([{ column: 'name', test: name, values }, { column: 'amount', test: 'at_least', values: ['1'] }], typeOf);
      expect(conditionsOf(sql), sql).toEqual([{ column: 'name', test: name, values }, { column: 'amount', test: 'at_least', values: ['1'] }]);
    }
  }
});

test('a condition without a column or a value says nothing', () => {
  expect(sqlOf([{ column: '', test: 'is', values: ['x'] }, { column: 'name', test: 'is', values: [] }])).toBe('');
});

describe('what people wrote by hand is left alone:', () => {
  test.each(["name = 'a' or name = 'b'", 'amount > 10', "lower(name) = 'a'", "name like 'a%'", "name = 'a' and", 'not active', "name in (select x from y)", 'amount + 1 >= 2'])('%s', (sql) => {
    expect(conditionsOf(sql)).toBeUndefined();
  });
});
