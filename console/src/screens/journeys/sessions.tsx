// Visits: how many, how long, where they begin and end.

import { Collapse, Input, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import type { components } from '@/api/schema';
import { duration } from '@/format/time';
import { DataTable } from '@/ui/data-table';
import { Figure, Figures, Panel } from '@/ui/page';
import { Num, Share, useLanguage } from '@/ui/values';
import type { Cell } from './definition';
import { EventWhere } from './event-where';
import { Field, Frame, RowsFields, SpanField } from './frame';
import { DurationChart } from './funnel-result';
import { type JourneyState, useJourney } from './journey';
import { NameField } from './paths';

type Answer = components['schemas']['SessionsAnswer'];
type Name = Answer['names'][number];

export function SessionsScreen() {
  const { t } = useTranslation('journeys');
  const journey = useJourney('sessions', { kind: 'sessions', gap: '30 min' });
  const titleOf = (cell: Cell) => {
    if (cell.of !== 'sessions') return '';
    if (!cell.name) return t('sessions.any');
    const left = cell.how === 'exited';
    return t(left ? 'sessions.leftBy' : 'sessions.enteredBy', { name: cell.name });
  };
  return <Frame journey={journey} builder={<Builder journey={journey} />} titleOf={titleOf} result={(answer) => answer.sessions && <Result answer={answer.sessions} journey={journey} />} />;
}

interface BuilderProps {
  journey: JourneyState<'sessions'>;
}

function Builder({ journey }: BuilderProps) {
  const { t } = useTranslation('journeys');
  const { def, change, table } = journey;
  const columns = table.columns.filter((column) => !column.masked && column.type === 'text').map(({ name }) => ({ value: name, label: name }));
  return (
    <>
      <Field label={t('sessions.gap')}>
        <SpanField key={def.gap} value={def.gap ?? undefined} label={t('sessions.gap')} change={(gap) => change({ gap })} />
      </Field>
      <Field label={t('sessions.channel')}>
        {def.channel && !columns.some((each) => each.value === def.channel) ? <Input key={def.channel} className="mono" defaultValue={def.channel} aria-label={t('sessions.channel')} onBlur={(event) => change({ channel: event.target.value || undefined })} /> : <Select allowClear showSearch value={def.channel} placeholder={t('none')} aria-label={t('sessions.channel')} options={columns} onChange={(channel) => change({ channel: channel ?? undefined })} />}
      </Field>
      <span className="row"><Switch size="small" checked={def.midnight === true} onChange={(midnight) => change({ midnight: midnight || undefined })} aria-label={t('sessions.midnight')} /> {t('sessions.midnight')}</span>
      <Field label={t('sessions.rows')}>
        <EventWhere table={table} value={def.rows?.where ?? undefined} label={t('sessions.rows')} change={(where) => change({ rows: { ...def.rows, where } })} />
      </Field>
      <Collapse ghost size="small" className="builder-more" items={[{ key: 'more', label: t('more'), children: <div className="builder"><NameField value={def.name ?? undefined} put={(name) => change({ name })} /><RowsFields journey={journey} /></div> }]} />
    </>
  );
}

interface ResultProps {
  answer: Answer;
  journey: JourneyState<'sessions'>;
}

function Result({ answer, journey }: ResultProps) {
  const { t } = useTranslation('journeys');
  const language = useLanguage();
  const long = (seconds: number | null | undefined) => (seconds === null || seconds === undefined ? '—' : duration(Math.round(seconds), language));
  const open = (name: string, how: 'entered' | 'exited') => journey.search({ open: { of: 'sessions', how, name } });
  return (
    <>
      <Figures>
        <Figure label={t('sessions.sessions')} value={<Num value={answer.sessions} />} note={<><Num value={answer.customers > 0 ? answer.sessions / answer.customers : null} digits={1} /> {t('sessions.each')}</>} />
        <Figure label={t('sessions.customers')} value={<button type="button" className="as-link" onClick={() => journey.search({ open: { of: 'sessions' } })}><Num value={answer.customers} /></button>} />
        <Figure label={t('sessions.median')} value={long(answer.median_seconds)} note={t('sessions.mean', { mean: long(answer.mean_seconds) })} />
        <Figure label={t('sessions.rowsEach')} value={<Num value={answer.sessions > 0 ? answer.rows / answer.sessions : null} digits={1} />} />
        <Figure label={t('sessions.single')} value={<Share value={answer.sessions > 0 ? answer.single / answer.sessions : null} />} note={t('sessions.singleNote')} />
      </Figures>
      <Panel title={t('sessions.lengths')}>
        <DurationChart buckets={answer.histogram} label={t('sessions.lengths')} />
      </Panel>
      <Panel title={t('sessions.names')} about={t('sessions.namesAbout')} flush>
        <DataTable<Name>
          size="small"
          rowKey="name"
          dataSource={answer.names}
          pagination={answer.names.length > 20 ? { pageSize: 20 } : false}
          columns={[
            { title: t('sessions.name'), dataIndex: 'name', sorter: (a, b) => a.name.localeCompare(b.name) },
            { title: t('sessions.entries'), key: 'entries', align: 'right', sorter: (a, b) => a.entries - b.entries, render: (_, each) => <Num value={each.entries} /> },
            { title: t('sessions.entered'), key: 'entered', align: 'right', sorter: (a, b) => a.entered - b.entered, render: (_, each) => <button type="button" className="as-link" disabled={each.entered === 0} onClick={() => open(each.name, 'entered')}><Num value={each.entered} /></button> },
            { title: t('sessions.exits'), key: 'exits', align: 'right', sorter: (a, b) => a.exits - b.exits, render: (_, each) => <Num value={each.exits} /> },
            { title: t('sessions.exited'), key: 'exited', align: 'right', sorter: (a, b) => a.exited - b.exited, render: (_, each) => <button type="button" className="as-link" disabled={each.exited === 0} onClick={() => open(each.name, 'exited')}><Num value={each.exited} /></button> },
            { title: t('sessions.stay'), key: 'stay', align: 'right', render: (_, each) => long(each.median_stay_seconds) },
          ]}
        />
      </Panel>
    </>
  );
}
