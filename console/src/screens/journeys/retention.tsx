// Who comes back: a table of cohorts whose cells open, and the same as curves.

import { Collapse, InputNumber, Segmented, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '@/api/schema';
import { share } from '@/format/number';
import { bankDay } from '@/format/time';
import { useMode } from '@/theme/mode';
import { type Mode, palettes, ramp } from '@/theme/tokens';
import { Chart } from '@/ui/chart/chart';
import { Written } from '@/ui/condition/conditions';
import { Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Num, Share, useLanguage } from '@/ui/values';
import { type Cell, cohorts as cohortKinds, counts, firstPeriod, trends } from './definition';
import { EventWhere } from './event-where';
import { Field, Frame, RowsFields } from './frame';
import { shareOf } from './funnel-result';
import { type JourneyState, useJourney } from './journey';
import { meanRetention } from './retention-mean';

type Answer = components['schemas']['RetentionAnswer'];
type Cohort = Answer['cohorts'][number];

const PERIODS = 12;
const PERIODS_MAX = 60;
/** Steps of the ramp that dark letters are read on in light, light ones in dark. */
const LIGHT_STEPS = 4;
const DARK_STEPS = 3;
/** No letters reach 4.5:1 on this step. */
const UNREADABLE_IN_DARK = 3;

export function RetentionScreen() {
  const { t } = useTranslation('journeys');
  const [first] = useState(() => firstPeriod(bankDay(Date.now()), 'week', PERIODS));
  const journey = useJourney('retention', { kind: 'retention', start: '', period: 'week', first, periods: PERIODS });
  const titleOf = (cell: Cell) => {
    if (cell.of !== 'retention') return '';
    const cohort = journey.answer.data?.retention?.cohorts[cell.cohort]?.from ?? String(cell.cohort);
    return t(cell.lost ? 'retention.lost' : 'retention.back', { cohort, later: cell.later });
  };
  return <Frame journey={journey} builder={<Builder journey={journey} />} titleOf={titleOf} result={(answer) => answer.retention && <Result answer={answer.retention} journey={journey} />} />;
}

interface BuilderProps {
  journey: JourneyState<'retention'>;
}

function Builder({ journey }: BuilderProps) {
  const { t } = useTranslation('journeys');
  const { def, change, table } = journey;
  return (
    <>
      <Field label={t('retention.start')}>
        <EventWhere table={table} value={def.start || undefined} label={t('retention.start')} change={(start) => change({ start: start ?? '' })} />
      </Field>
      <Field label={t('retention.return')} help={t('retention.returnHelp')}>
        <EventWhere table={table} value={def.return ?? undefined} label={t('retention.return')} change={(returned) => change({ return: returned })} />
      </Field>
      <Field label={t('retention.period')}>
        <Segmented block value={def.period} aria-label={t('retention.period')} onChange={(period) => change({ period })} options={trends.map((each) => ({ value: each as string, label: t(`period.${each}`) }))} />
      </Field>
      <Field label={t('retention.first')}>
        <span className="row">
          <Written key={def.first} type="date" value={def.first} label={t('retention.first')} change={(first) => change({ first })} />
          <InputNumber key={def.periods} min={1} max={PERIODS_MAX} defaultValue={def.periods} onBlur={(event) => change({ periods: Number(event.target.value) || def.periods })} onPressEnter={(event) => change({ periods: Number(event.currentTarget.value) || def.periods })} aria-label={t('retention.periods')} style={{ width: 84 }} />
          <span className="quiet">{t('retention.periods')}</span>
        </span>
      </Field>
      <Field label={t('retention.cohorts')}>
        <Select value={def.cohorts ?? 'first_time'} aria-label={t('retention.cohorts')} onChange={(value) => change({ cohorts: value })} options={cohortKinds.map((each) => ({ value: each as string, label: t(`retention.cohort.${each}`) }))} />
      </Field>
      <Field label={t('retention.counts')}>
        <Select value={def.counts ?? 'on'} aria-label={t('retention.counts')} onChange={(value) => change({ counts: value })} options={counts.map((each) => ({ value: each as string, label: t(`retention.count.${each}`) }))} />
      </Field>
      <Collapse ghost size="small" className="builder-more" items={[{ key: 'more', label: t('more'), children: <div className="builder"><RowsFields journey={journey} /></div> }]} />
    </>
  );
}

interface ResultProps {
  answer: Answer;
  journey: JourneyState<'retention'>;
}

function Result({ answer, journey }: ResultProps) {
  const { t } = useTranslation('journeys');
  const shown = journey.view === 'numbers' ? 'numbers' : 'shares';
  if (answer.cohorts.every((cohort) => cohort.customers === 0)) return <Panel><Empty title={t('retention.nobody')} next={t('retention.nobodyNext')} /></Panel>;
  return (
    <>
      <Panel title={t('retention.table')} about={t('retention.tableAbout')} extra={<Segmented size="small" value={shown} onChange={(view) => journey.search({ view: view === 'shares' ? undefined : view })} options={[{ value: 'shares', label: '%' }, { value: 'numbers', label: t('retention.numbers') }]} />}>
        <Heat answer={answer} journey={journey} shares={shown === 'shares'} />
      </Panel>
      <Curves answer={answer} />
    </>
  );
}

function Heat({ answer, journey, shares }: ResultProps & { shares: boolean }) {
  const { t } = useTranslation('journeys');
  const later = answer.cohorts[0]?.cells.map((cell) => cell.later) ?? [];
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="heat-scroll" tabIndex={0} role="region" aria-label={t('retention.table')}>
      <table className="heat">
        <thead>
          <tr>
            <th scope="col">{t(`period.${journey.def.period}`)}</th>
            <th scope="col">{t('retention.size')}</th>
            {later.map((each) => <th key={each} scope="col">{each}</th>)}
          </tr>
        </thead>
        <tbody>
          <Mean cohorts={answer.cohorts} later={later} />
          {answer.cohorts.map((cohort, nth) => (
            <tr key={cohort.from}>
              <th scope="row">{cohort.from}</th>
              <td><button type="button" disabled={cohort.customers === 0} onClick={() => journey.search({ open: { of: 'retention', cohort: nth, later: 0 } })}><Num value={cohort.customers} /></button></td>
              {later.map((each) => <HeatCell key={each} cohort={cohort} later={each} shares={shares} open={() => journey.search({ open: { of: 'retention', cohort: nth, later: each } })} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Mean({ cohorts, later }: { cohorts: Cohort[]; later: number[] }) {
  const { t } = useTranslation('journeys');
  return (
    <tr className="mean">
      <th scope="row">{t('retention.mean')}</th>
      <td><span className="quiet">—</span></td>
      {later.map((each) => <td key={each}><Share value={meanRetention(cohorts, each)} /></td>)}
    </tr>
  );
}

interface HeatCellProps {
  cohort: Cohort;
  later: number;
  shares: boolean;
  open: () => void;
}

function HeatCell({ cohort, later, shares, open }: HeatCellProps) {
  const { t } = useTranslation('journeys');
  const language = useLanguage();
  const mode = useMode();
  const cell = cohort.cells.find((each) => each.later === later);
  if (!cell || cohort.customers === 0) return <td><span className="quiet">·</span></td>;
  const part = cell.customers / cohort.customers;
  const steps = ramp[mode].filter((_, nth) => mode === 'light' || nth !== UNREADABLE_IN_DARK);
  const level = Math.min(steps.length - 1, Math.floor(part * steps.length + (later === 0 ? 0 : 0.4)));
  const ink = inkOn(mode, level);
  const told = `${cohort.from}, +${later}: ${cell.customers} (${share(part, language)})${cell.complete ? '' : `, ${t('retention.goesOn')}`}`;
  const heard = `${cohort.from}, +${later}${cell.complete ? '' : `, ${t('retention.goesOn')}`}: `;
  return (
    <td className={cell.complete ? '' : 'partial'} style={{ background: steps[level], color: ink, borderRadius: 4 }}>
      <button type="button" onClick={open} title={told}><span className="visually-hidden">{heard}</span>{shares ? share(part, language, part >= 0.9995 ? 0 : 1) : <Num value={cell.customers} />}</button>
    </td>
  );
}

/** Letters that can be read on each step of the ramp. */
function inkOn(mode: Mode, level: number): string {
  const { surface, ink, onPrimary } = palettes[mode];
  if (mode === 'light') return level < LIGHT_STEPS ? ink : surface;
  return level < DARK_STEPS ? ink : onPrimary;
}

function Curves({ answer }: { answer: Answer }) {
  const { t } = useTranslation('journeys');
  const language = useLanguage();
  const kept = useMemo(() => answer.cohorts.filter((cohort) => cohort.customers > 0), [answer]);
  const later = kept[0]?.cells.map((cell) => cell.later) ?? [];
  const mean = t('retention.mean');
  const option = useMemo(() => {
    const steps = kept[0]?.cells.map((cell) => cell.later) ?? [];
    return {
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis', order: 'valueDesc', valueFormatter: (value: number | null) => (value === null || value === undefined ? '—' : `${(100 * value).toFixed(1)} %`) },
      xAxis: { type: 'category', data: steps.map(String), boundaryGap: false },
      yAxis: { type: 'value', max: 1, axisLabel: { formatter: (value: number) => `${Math.round(100 * value)} %` } },
      series: [
        ...kept.map((cohort) => ({ name: cohort.from, type: 'line', showSymbol: false, lineStyle: { width: 1.2, opacity: 0.45 }, data: steps.map((each) => { const cell = cohort.cells.find((one) => one.later === each); return cell?.complete ? shareOf(cell.customers, cohort.customers) : null; }) })),
        { name: mean, type: 'line', lineStyle: { width: 3.5 }, z: 5, data: steps.map((each) => meanRetention(kept, each)) },
      ],
    };
  }, [kept, mean]);
  const rows = later.map((each) => [String(each), share(meanRetention(kept, each) ?? 0, language)]);
  return (
    <Panel title={t('retention.curves')} about={t('retention.curvesAbout')}>
      <Chart option={option} height={260} saveAs="retention" label={t('retention.curves')} table={{ columns: [{ title: t('retention.later') }, { title: mean, right: true }], rows }} />
    </Panel>
  );
}
