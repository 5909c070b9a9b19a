// Numbers, money, times and masked values as they stand in text and tables.

import { useTranslation } from 'react-i18next';
import { money, share, shortNumber, signed } from '@/format/number';
import { day, minute, near, second, time } from '@/format/time';
import { languages, type Language } from '@/i18n';

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return languages.find((each) => each === i18n.language) ?? 'zh';
}

const DASH = '—';

interface NumProps {
  value: number | bigint | null | undefined;
  /** All digits, without 万, 亿, M. */
  exact?: boolean;
  digits?: number;
}

/** 123.46万, with 1,234,567 on hover. */
export function Num({ value, exact = false, digits }: NumProps) {
  const language = useLanguage();
  if (value === null || value === undefined) return <span className="quiet">{DASH}</span>;
  const told = shortNumber(value, language, digits);
  return (
    <data className="num" value={String(value)} title={told.exact}>
      {exact ? told.exact : told.short}
    </data>
  );
}

interface ShareProps {
  value: number | null | undefined;
  digits?: number;
}

/** 0.1234 → 12.3 %. */
export function Share({ value, digits }: ShareProps) {
  const language = useLanguage();
  if (value === null || value === undefined) return <span className="quiet">{DASH}</span>;
  return (
    <data className="num" value={value}>
      {share(value, language, digits)}
    </data>
  );
}

interface MoneyProps {
  /** Decimal text, as the server sends it. */
  amount: string | null | undefined;
  currency: string;
  exact?: boolean;
}

export function Money({ amount, currency, exact = false }: MoneyProps) {
  const language = useLanguage();
  if (amount === null || amount === undefined) return <span className="quiet">{DASH}</span>;
  const told = money(amount, currency, language);
  return (
    <data className="num nowrap" value={amount} title={told.exact}>
      {exact ? told.exact : told.short}
    </data>
  );
}

interface WhenProps {
  /** Microseconds since 1970. */
  at: number | null | undefined;
  as?: 'near' | 'minute' | 'day' | 'time';
}

/** What is near is told as of when it is drawn; the minute it was drawn in is good enough. */
const now = (): number => Date.now();

/** A time, with the exact one on hover. */
export function When({ at, as = 'minute' }: WhenProps) {
  const language = useLanguage();
  if (at === null || at === undefined) return <span className="quiet">{DASH}</span>;
  const written = { near: () => near(at, now(), language), minute: () => minute(at, language), day: () => day(at, language), time: () => time(at, language) };
  const told = written[as]();
  return (
    <time className="num nowrap" dateTime={new Date(at / 1000).toISOString()} title={second(at, language)}>
      {told}
    </time>
  );
}

interface DeltaProps {
  value: number | null | undefined;
  /** Whether more is better: colours follow. Without it there is none. */
  good?: 'up' | 'down';
}

/** A change with its sign; the sign, not the colour alone, says which way. */
export function Delta({ value, good }: DeltaProps) {
  const language = useLanguage();
  if (value === null || value === undefined) return <span className="quiet">{DASH}</span>;
  const better = good && value !== 0 && (value > 0) === (good === 'up');
  const tone = !good || value === 0 ? 'delta' : better ? 'delta delta-good' : 'delta delta-bad';
  return <span className={`num ${tone}`}>{signed(value, language)}</span>;
}
