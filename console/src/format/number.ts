// Numbers as readers of each language write them. Chinese counts in 万 (10⁴) and 亿 (10⁸). Money is decimal text all the way:
// it is never turned into a float.

import type { Language } from '@/i18n';

export interface Short {
  short: string;
  exact: string;
}

type Decimal = number | bigint | `${number}`;

/** Chinese characters of units are written with a hair of space before them by the fonts themselves. */
const chinese: readonly [bigint, string][] = [
  [100_000_000n, '亿'],
  [10_000n, '万'],
];
const english: readonly [bigint, string][] = [
  [1_000_000_000n, 'B'],
  [1_000_000n, 'M'],
];

const locale = (language: Language) => (language === 'zh' ? 'zh-CN' : 'en-GB');
const formats = new Map<string, Intl.NumberFormat>();

function format(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.NumberFormat(locale(language), options);
  formats.set(key, known);
  return known;
}

/** 1234567 → 123.46万 or 1.23M; the exact value beside it. */
export function shortNumber(value: Decimal, language: Language, digits = 2): Short {
  const exact = format(language, { maximumFractionDigits: 4 }).format(value);
  const unit = unitOf(value, language);
  if (!unit) return { short: format(language, { maximumFractionDigits: digits }).format(value), exact };
  const [size, name] = unit;
  const scaled = Number(value) / Number(size);
  return { short: format(language, { maximumFractionDigits: digits }).format(scaled) + name, exact };
}

function unitOf(value: Decimal, language: Language): [bigint, string] | undefined {
  const amount = Math.abs(Number(value));
  return (language === 'zh' ? chinese : english).find(([size]) => amount >= Number(size)) as [bigint, string] | undefined;
}

export function share(value: number, language: Language, digits = 1): string {
  return format(language, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Money: `amount` is decimal text as the server sends it. */
export function money(amount: string, currency: string, language: Language): Short {
  const symbol = currencyName(currency, language);
  const value = decimal(amount);
  const exact = symbol + format(language, { minimumFractionDigits: 2, maximumFractionDigits: 4 }).format(value);
  if (!unitOf(value, language)) {
    return { short: symbol + format(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value), exact };
  }
  return { short: symbol + shortNumber(value, language).short, exact };
}

function decimal(amount: string): `${number}` {
  return (/^-?\d+(\.\d+)?$/.test(amount) ? amount : 'NaN') as `${number}`;
}

function currencyName(currency: string, language: Language): string {
  try {
    const parts = format(language, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).formatToParts(0);
    const symbol = parts.find((part) => part.type === 'currency')?.value ?? currency;
    return symbol.length > 1 ? `${symbol} ` : symbol;
  } catch {
    return `${currency} `;
  }
}

/** A difference with its sign: +1,234 or −56. */
export function signed(value: number, language: Language, digits = 0): string {
  return format(language, { signDisplay: 'exceptZero', maximumFractionDigits: digits }).format(value);
}
