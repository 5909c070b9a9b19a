// Times in the bank's time zone. The server sends microseconds since 1970, UTC.

import type { Language } from '@/i18n';

let zone = 'Asia/Shanghai';

/** A bank's day is a day there, wherever the reader sits. Told by the session. */
export function setZone(name: string): void {
  zone = name;
}

const locale = (language: Language) => (language === 'zh' ? 'zh-CN' : 'en-GB');

const DAY: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit' };
const MINUTE: Intl.DateTimeFormatOptions = { ...DAY, hour: '2-digit', minute: '2-digit', hour12: false };
const TIME: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hour12: false };
const SECOND: Intl.DateTimeFormatOptions = { ...MINUTE, second: '2-digit', timeZoneName: 'short' };

const dateOf = (micros: number) => new Date(micros / 1000);

function write(micros: number, language: Language, options: Intl.DateTimeFormatOptions): string {
  // 02/01 is read in two ways among those who read English.
  const month = language === 'en' && options.month ? 'short' : options.month;
  return new Intl.DateTimeFormat(locale(language), { ...options, month, timeZone: zone }).format(dateOf(micros));
}

export const day = (micros: number, language: Language) => write(micros, language, DAY);
export const time = (micros: number, language: Language) => write(micros, language, TIME);
export const minute = (micros: number, language: Language) => write(micros, language, MINUTE);
export const second = (micros: number, language: Language) => write(micros, language, SECOND);

const steps: readonly [number, Intl.RelativeTimeFormatUnit][] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];
const RELATIVE_DAYS_MAX = 7;

/** "3 hours ago" for what is near, the day for what is not. */
export function near(micros: number, nowMillis: number, language: Language): string {
  const seconds = Math.round(micros / 1_000_000 - nowMillis / 1000);
  if (Math.abs(seconds) > RELATIVE_DAYS_MAX * 86_400) return day(micros, language);
  const [size, unit] = steps.find(([each]) => Math.abs(seconds) >= each) ?? [1, 'second'];
  return new Intl.RelativeTimeFormat(locale(language), { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

/** 95 seconds → 1 min 35 s: how long something took. */
export function duration(seconds: number, language: Language): string {
  const parts: [number, string, string][] = [
    [86_400, ' 天', ' d'],
    [3_600, ' 小时', ' h'],
    [60, ' 分', ' min'],
    [1, ' 秒', ' s'],
  ];
  const at = parts.findIndex(([size]) => seconds >= size);
  if (at < 0) return language === 'zh' ? `${round(seconds)} 秒` : `${round(seconds)} s`;
  return parts
    .slice(at, at + 2)
    .map(([size, zh, en], nth) => {
      const rest = nth === 0 ? seconds : seconds % (parts[at]?.[0] ?? 1);
      const count = Math.floor(rest / size);
      return count > 0 || nth === 0 ? `${count}${language === 'zh' ? zh : en}` : '';
    })
    .filter(Boolean)
    .join(' ');
}

const round = (value: number) => Math.round(value * 10) / 10;

/** A moment in the bank's zone as machines write it: `2026-01-31T09:00:00+08:00`. */
export function bankTime(millis: number): string {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'longOffset' }).format(new Date(millis));
  const [date = '', clock = '', offset = 'GMT'] = parts.split(' ');
  return `${date}T${clock}${offset.replace('GMT', '').replace('\u2212', '-') || 'Z'}`;
}

/** The bank's day at a moment: `2026-01-31`. */
export function bankDay(millis: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(millis));
}
