// What a funnel found. Bars are HTML: each part is a button with a name, and opens to its customers.

import { Segmented } from 'antd';
import { type CSSProperties, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '@/api/schema';
import { duration } from '@/format/time';
import { useMode } from '@/theme/mode';
import { series } from '@/theme/tokens';
import { Chart } from '@/ui/chart/chart';
import { DataTable } from '@/ui/data-table';
import { Figure, Figures, Panel } from '@/ui/page';
import { Num, Share, useLanguage } from '@/ui/values';
import type { JourneyState } from './journey';

type Schemas = components['schemas'];
type Answer = Schemas['FunnelAnswer'];
type Value = Schemas['FunnelValue'];

/** More bars at a step cannot be told apart. */
const DRAWN_MAX = 6;

interface ResultProps {
  answer: Answer;
  journey: JourneyState<'funnel'>;
}

export function FunnelResult({ answer, journey }: ResultProps) {
  const { t } = useTranslation('journeys');
  const broken = Boolean(journey.def.by);
  const drawn = answer.values.slice(0, DRAWN_MAX);
  const [only] = answer.values;
  if (!only) return <Panel><p className="quiet">{t('funnel.nobody')}</p></Panel>;
  return (
    <>
      {!broken && <Headline value={only} journey={journey} />}
      <Panel title={t('funnel.chart')} about={t('funnel.chartAbout')}>
        {broken && <Legend values={drawn} more={answer.values.length - drawn.length} />}
        <Bars answer={answer} drawn={drawn} journey={journey} />
      </Panel>
      <StepTable answer={answer} journey={journey} />
      {only.trend.length > 0 && <Trend answer={answer} />}
    </>
  );
}

export const shareOf = (part: number, whole: number) => (whole > 0 ? part / whole : null);

function Headline({ value, journey }: { value: Value; journey: JourneyState<'funnel'> }) {
  const { t } = useTranslation('journeys');
  const language = useLanguage();
  const first = value.steps[0];
  const last = value.steps.at(-1);
  return (
    <Figures>
      <Figure label={t('funnel.conversion')} value={<Share value={shareOf(last?.customers ?? 0, first?.customers ?? 0)} />} note={t('funnel.conversionNote')} />
      <Figure label={t('funnel.entered')} value={<button type="button" className="as-link" onClick={() => journey.search({ open: { of: 'funnel', step: 1 } })}><Num value={first?.customers} /></button>} />
      <Figure label={t('funnel.came')} value={<button type="button" className="as-link" onClick={() => journey.search({ open: { of: 'funnel', step: value.steps.length } })}><Num value={last?.customers} /></button>} />
      <Figure label={t('funnel.median')} value={last?.median_seconds_from_first === null || last?.median_seconds_from_first === undefined ? '—' : duration(last.median_seconds_from_first, language)} note={t('funnel.medianNote')} />
      {value.excluded > 0 && <Figure label={t('funnel.excluded')} value={<Num value={value.excluded} />} />}
    </Figures>
  );
}

function Legend({ values, more }: { values: Value[]; more: number }) {
  const { t } = useTranslation('journeys');
  const colours = series[useMode()];
  return (
    <ul className="legend">
      {values.map((each, nth) => (
        <li key={each.value ?? ''}><i style={{ background: colours[nth] }} />{each.value ?? t('noValue')}</li>
      ))}
      {more > 0 && <li className="quiet">{t('funnel.moreValues', { count: more })}</li>}
    </ul>
  );
}

interface BarsProps extends ResultProps {
  drawn: Value[];
}

function Bars({ answer, drawn, journey }: BarsProps) {
  const { t } = useTranslation('journeys');
  const colours = series[useMode()];
  return (
    // Scrolls when there are many steps.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="funnel-scroll" tabIndex={0} role="region" aria-label={t('funnel.chart')}>
      <ol className="funnel" style={{ '--steps': answer.steps.length } as CSSProperties}>
        {answer.steps.map((name, step) => (
          <li key={`${step} ${name}`} className="funnel-step">
            <div className="funnel-bars">
              {drawn.map((value, nth) => (
                <Bar key={value.value ?? ''} value={value} step={step} name={name} colour={colours[nth] ?? ''} open={(dropped) => journey.search({ open: { of: 'funnel', step: step + 1, ...(dropped ? { dropped } : {}), ...(value.value !== null && value.value !== undefined ? { value: value.value } : {}) } })} />
              ))}
            </div>
            <p className="funnel-name"><span className="builder-number" aria-hidden="true">{step + 1}</span>{name}</p>
            {drawn.length === 1 && drawn[0] && <StepWords value={drawn[0]} step={step} open={(dropped) => journey.search({ open: { of: 'funnel', step: step + 1, ...(dropped ? { dropped } : {}) } })} />}
          </li>
        ))}
      </ol>
    </div>
  );
}

interface BarProps {
  value: Value;
  step: number;
  name: string;
  colour: string;
  open: (dropped: boolean) => void;
}

function Bar({ value, step, name, colour, open }: BarProps) {
  const { t } = useTranslation('journeys');
  const first = value.steps[0]?.customers ?? 0;
  const before = value.steps[step - 1]?.customers ?? first;
  const here = value.steps[step]?.customers ?? 0;
  const percent = (count: number) => `${first > 0 ? (100 * count) / first : 0}%`;
  const of = value.value ? ` · ${value.value}` : '';
  return (
    <span className="funnel-bar">
      {step > 0 && before > here && <button type="button" className="funnel-drop" style={{ height: percent(before - here) }} onClick={() => open(true)} aria-label={`${t('funnel.droppedBefore', { step: name })}${of}: ${before - here}`} title={`${t('funnel.droppedBefore', { step: name })}${of}: ${before - here}`} />}
      <button type="button" className="funnel-fill" style={{ height: percent(here), background: colour }} onClick={() => open(false)} aria-label={`${name}${of}: ${here}`} title={`${name}${of}: ${here}`} />
    </span>
  );
}

function StepWords({ value, step, open }: { value: Value; step: number; open: (dropped: boolean) => void }) {
  const { t } = useTranslation('journeys');
  const language = useLanguage();
  const here = value.steps[step];
  const first = value.steps[0]?.customers ?? 0;
  const before = value.steps[step - 1]?.customers ?? first;
  if (!here) return null;
  return (
    <div className="funnel-words">
      <p><button type="button" className="as-link" onClick={() => open(false)}><b><Num value={here.customers} /></b></button> <span className="quiet"><Share value={shareOf(here.customers, first)} /> {t('funnel.ofFirst')}</span></p>
      {step > 0 && <p><button type="button" className="as-link funnel-lost" onClick={() => open(true)}>−<Num value={here.dropped} /></button> <span className="quiet"><Share value={shareOf(here.dropped, before)} /> {t('funnel.ofBefore')}</span></p>}
      {step > 0 && here.median_seconds !== null && here.median_seconds !== undefined && <p className="quiet">{t('funnel.median')} {duration(here.median_seconds, language)}</p>}
    </div>
  );
}

interface Row {
  key: string;
  value: Value;
}

function StepTable({ answer, journey }: ResultProps) {
  const { t } = useTranslation('journeys');
  const view = journey.view === 'times' ? 'times' : 'numbers';
  const rows: Row[] = answer.values.map((value) => ({ key: value.value ?? '', value }));
  const open = (value: Value, step: number) => journey.search({ open: { of: 'funnel', step, ...(value.value !== null && value.value !== undefined ? { value: value.value } : {}) } });
  return (
    <Panel title={t('funnel.table')} flush extra={<Segmented size="small" value={view} onChange={(next) => journey.search({ view: next === 'numbers' ? undefined : next })} options={[{ value: 'numbers', label: t('funnel.numbers') }, { value: 'times', label: t('funnel.times') }]} />}>
      {view === 'times' ? <Times answer={answer} /> : (
        <DataTable<Row>
          size="small"
          dataSource={rows}
          pagination={rows.length > 20 ? { pageSize: 20 } : false}
          columns={[
            { title: journey.def.by ?? t('funnel.everybody'), key: 'value', fixed: 'left', render: (_, { value }) => value.value ?? (journey.def.by ? t('noValue') : t('funnel.everybody')) },
            ...answer.steps.map((name, nth) => ({
              title: name,
              key: `${nth}`,
              align: 'right' as const,
              render: (_: unknown, { value }: Row) => <span className="both-lines"><button type="button" className="as-link" onClick={() => open(value, nth + 1)}><Num value={value.steps[nth]?.customers} /></button><span className="quiet"><Share value={shareOf(value.steps[nth]?.customers ?? 0, value.steps[0]?.customers ?? 0)} /></span></span>,
            })),
          ]}
        />
      )}
    </Panel>
  );
}

/** How long each step took, as histograms: fetched with the answer, drawn on demand. */
function Times({ answer }: { answer: Answer }) {
  const { t } = useTranslation('journeys');
  const [value] = answer.values;
  return (
    <div className="grid times">
      {answer.steps.slice(1).map((name, nth) => (
        <div className="span-6" key={`${nth} ${name}`}>
          <h3>{t('funnel.timeTo', { step: name })}</h3>
          <DurationChart buckets={value?.steps[nth + 1]?.histogram ?? []} label={t('funnel.timeTo', { step: name })} />
        </div>
      ))}
    </div>
  );
}

export function DurationChart({ buckets, label }: { buckets: Schemas['DurationBucket'][]; label: string }) {
  const { t } = useTranslation('journeys');
  const language = useLanguage();
  const customers = t('count');
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 12, top: 12, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'category', data: buckets.map(({ from_seconds }) => duration(from_seconds, language)), axisLabel: { hideOverlap: true } },
      yAxis: { type: 'value', splitNumber: 3 },
      series: [{ name: customers, type: 'bar', data: buckets.map(({ count }) => count), barCategoryGap: '12%' }],
    }),
    [buckets, language, customers],
  );
  if (buckets.length === 0) return <p className="quiet">{t('funnel.noTimes')}</p>;
  const rows = buckets.map((each) => [`${duration(each.from_seconds, language)} – ${duration(each.to_seconds, language)}`, <Num key="n" value={each.count} exact />]);
  return <Chart option={option} height={190} label={label} table={{ columns: [{ title: t('length') }, { title: customers, right: true }], rows }} />;
}

function Trend({ answer }: { answer: Answer }) {
  const { t } = useTranslation('journeys');
  const days = useMemo(() => [...new Set(answer.values.flatMap((value) => value.trend.map(({ from }) => from)))].sort(), [answer]);
  const lines = useMemo(() => answer.values.slice(0, DRAWN_MAX).map((value) => ({ name: value.value ?? t('funnel.conversion'), data: days.map((day) => conversionOn(value, day)) })), [answer, days, t]);
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 16, top: lines.length > 1 ? 36 : 12, bottom: 8, containLabel: true },
      legend: { show: lines.length > 1, top: 0, left: 0 },
      tooltip: { trigger: 'axis', valueFormatter: (value: number | null) => (value === null ? '—' : `${(100 * value).toFixed(1)} %`) },
      xAxis: { type: 'category', data: days },
      yAxis: { type: 'value', axisLabel: { formatter: (value: number) => `${Math.round(100 * value)} %` } },
      series: lines.map((line) => ({ ...line, type: 'line', connectNulls: false })),
    }),
    [days, lines],
  );
  const rows = days.map((day, at) => [day, ...lines.map((line) => <Share key={line.name} value={line.data[at]} />)]);
  return (
    <Panel title={t('funnel.trendTitle')} about={t('funnel.trendAbout')}>
      <Chart option={option} height={240} saveAs="funnel-trend" label={t('funnel.trendTitle')} table={{ columns: [{ title: t('day') }, ...lines.map(({ name }) => ({ title: name, right: true }))], rows }} />
    </Panel>
  );
}

function conversionOn(value: Value, day: string): number | null {
  const customers = value.trend.find(({ from }) => from === day)?.customers;
  return customers ? shareOf(customers.at(-1) ?? 0, customers[0] ?? 0) : null;
}
