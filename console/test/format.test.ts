// Numbers, money and times as each language writes them.

import { beforeEach, describe, expect, test } from 'vitest';
import { money, share, shortNumber, signed } from '../src/format/number';
import { day, duration, minute, near, setZone } from '../src/format/time';

describe('numbers', () => {
  test.each([
    [0, '0', '0'],
    [9_999, '9,999', '9,999'],
    [12_345, '1.23万', '12,345'],
    [123_456_789, '1.23亿', '123.46M'],
    [-40_000, '-4万', '-40,000'],
    [1_234_567_890, '12.35亿', '1.23B'],
  ])('%d is written short', (value, zh, en) => {
    expect(shortNumber(value, 'zh').short).toBe(zh);
    expect(shortNumber(value, 'en').short).toBe(en);
  });

  test('the exact value stays at hand', () => {
    expect(shortNumber(123_456_789, 'zh').exact).toBe('123,456,789');
  });

  test('shares and differences', () => {
    expect(share(0.1234, 'en')).toBe('12.3%');
    expect(signed(1200, 'en')).toBe('+1,200');
    expect(signed(0, 'en')).toBe('0');
  });
});

describe('money', () => {
  test.each([
    ['12345.6700', 'CNY', 'zh', '¥1.23万', '¥12,345.67'],
    ['12345.6700', 'CNY', 'en', '¥12,345.67', '¥12,345.67'],
    ['-0.5', 'EUR', 'en', '€-0.50', '€-0.50'],
  ] as const)('%s %s in %s', (amount, currency, language, short, exact) => {
    expect(money(amount, currency, language)).toEqual({ short, exact });
  });

  test('no digit is lost where a float would lose one', () => {
    expect(money('9007199254740993.1234', 'CNY', 'en').exact).toBe('¥9,007,199,254,740,993.1234');
  });
});

describe('times', () => {
  const NEW_YEAR_UTC = Date.UTC(2026, 0, 1, 17, 30) * 1000;
  beforeEach(() => setZone('Asia/Shanghai'));

  test('a day is a day in the bank’s time zone', () => {
    expect(day(NEW_YEAR_UTC, 'zh')).toBe('2026/01/02');
    expect(minute(NEW_YEAR_UTC, 'en')).toBe('02 Jan 2026, 01:30');
  });

  test('what is near is told from now', () => {
    const now = NEW_YEAR_UTC / 1000;
    expect(near(NEW_YEAR_UTC - 3 * 3_600_000_000, now, 'en')).toBe('3 hours ago');
    expect(near(NEW_YEAR_UTC - 3 * 3_600_000_000, now, 'zh')).toBe('3小时前');
    expect(near(NEW_YEAR_UTC - 30 * 86_400_000_000, now, 'zh')).toBe('2025/12/03');
  });

  test.each([
    [95, '1 min 35 s', '1 分 35 秒'],
    [3600, '1 h', '1 小时'],
    [0.4, '0.4 s', '0.4 秒'],
    [90_000, '1 d 1 h', '1 天 1 小时'],
  ])('%d seconds', (seconds, en, zh) => {
    expect(duration(seconds, 'en')).toBe(en);
    expect(duration(seconds, 'zh')).toBe(zh);
  });
});
