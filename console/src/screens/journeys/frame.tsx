// What all journeys share: the saved ones, the question at the left, the answer at the right, the customers behind a number.

import { SaveOutlined } from '@ant-design/icons';
import { Button, Collapse, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/app/session';
import { Async, Empty } from '@/ui/async';
import { Behind } from '@/ui/behind/behind';
import { Written } from '@/ui/condition/conditions';
import { Page, Panel } from '@/ui/page';
import { Num } from '@/ui/values';
import type { Cell, Kind } from './definition';
import { type Answer, type JourneyState } from './journey';
import { behind } from './queries';
import { SaveDialog } from './save-dialog';
import './journeys.css';

interface FrameProps<K extends Kind> {
  journey: JourneyState<K>;
  builder: ReactNode;
  /** Of what was found. */
  result: (answer: Answer) => ReactNode;
  /** What a number is, in words. */
  titleOf: (cell: Cell) => string;
}

export function Frame<K extends Kind>({ journey, builder, result, titleOf }: FrameProps<K>) {
  const { t } = useTranslation('journeys');
  const { asked, answer, open, kind } = journey;
  const [saving, setSaving] = useState(false);
  const may = useMay('define');
  return (
    <Page title={t(`${kind}.title`)} about={t(`${kind}.about`)} actions={<Actions journey={journey} may={may} save={() => setSaving(true)} />}>
      <div className="grid">
        <div className="span-4 stack">
          <Panel title={t('question')} extra={journey.changed && journey.name && <Button size="small" onClick={() => journey.pick(journey.name)}>{t('undo')}</Button>}>
            <div className="builder">{builder}</div>
          </Panel>
        </div>
        <div className="span-8 stack">
          {asked ? <Async of={answer}>{(data) => <><About journey={journey} />{result(data)}<Asked answer={data} /></>}</Async> : <Panel><Empty title={t('nothing')} next={t(`${kind}.begin`)} /></Panel>}
        </div>
      </div>
      {open && asked && <Behind title={titleOf(open)} queryKey={['journey', asked, open]} fetch={(page, signal) => behind(asked, open, page, signal)} close={() => journey.search({ open: undefined })} />}
      {saving && asked && <SaveDialog def={asked.journey} name={journey.name} close={(name) => { setSaving(false); if (name) journey.search({ name, q: undefined }); }} />}
    </Page>
  );
}

function About<K extends Kind>({ journey }: { journey: JourneyState<K> }) {
  const { about } = journey.def;
  return about ? <p className="journey-about">{about}</p> : null;
}

interface ActionsProps<K extends Kind> {
  journey: JourneyState<K>;
  may: boolean;
  save: () => void;
}

function Actions<K extends Kind>({ journey, may, save }: ActionsProps<K>) {
  const { t } = useTranslation('journeys');
  const options = [...journey.saved.map((each) => ({ value: each.name, label: each.name, about: each.about })), { value: '', label: t('new'), about: t('newAbout') }];
  return (
    <>
      <Select
        value={journey.name ?? ''}
        options={options}
        onChange={(name) => journey.pick(name || undefined)}
        aria-label={t('saved')}
        popupMatchSelectWidth={360}
        style={{ width: 220 }}
        optionRender={({ data }) => <span className="saved-option"><strong>{data.label}</strong><span>{data.about}</span></span>}
      />
      {may && <Button icon={<SaveOutlined />} disabled={!journey.asked || !journey.changed} onClick={save}>{t('save')}</Button>}
    </>
  );
}

function Asked({ answer }: { answer: Answer }) {
  const { t } = useTranslation('journeys');
  return (
    <Collapse
      ghost
      className="asked"
      items={[{ key: 'sql', label: <>{t('sql')} · <Num value={Math.round(answer.took_ms)} exact /> {t('ms')}</>, children: <SqlText sql={answer.sql} /> }]}
    />
  );
}

export function SqlText({ sql }: { sql: string }) {
  // Scrolls, so it must be reachable by the keyboard.
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  return <pre className="sql-text" tabIndex={0}>{sql}</pre>;
}

interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  children: ReactNode;
}

/** A labelled place in the question. The control names itself. */
export function Field({ label, help, children }: FieldProps) {
  return (
    <div className="builder-field">
      <span className="builder-label" aria-hidden="true">{label}</span>
      {children}
      {help && <span className="quiet small">{help}</span>}
    </div>
  );
}

interface RowsFieldsProps<K extends Kind> {
  journey: JourneyState<K>;
}

/** From which days, and as of when: the same for all. */
export function RowsFields<K extends Kind>({ journey }: RowsFieldsProps<K>) {
  const { t } = useTranslation('journeys');
  const { rows } = journey.def;
  const put = (change: object) => journey.change({ rows: { ...rows, ...change } } as never);
  return (
    <>
      <Field label={t('days')}>
        <span className="row">
          <Written key={`s${rows?.since}`} type="date" value={rows?.since ?? ''} label={t('since')} change={(since) => put({ since: since || undefined })} />
          <span className="quiet">–</span>
          <Written key={`u${rows?.until}`} type="date" value={rows?.until ?? ''} label={t('until')} change={(until) => put({ until: until || undefined })} />
        </span>
      </Field>
      <Field label={t('asOf')} help={t('asOfHelp')}>
        <Written key={journey.as_of} type="date" value={journey.as_of ?? ''} label={t('asOf')} change={(as_of) => journey.search({ as_of: as_of || undefined })} />
      </Field>
    </>
  );
}

interface SpanProps {
  value: string | undefined;
  label: string;
  change: (span: string | undefined) => void;
}

const units = ['min', 'h', 'days', 'natural days', 'weeks'] as const;

/** A span of time: `14 natural days`. */
export function SpanField({ value, label, change }: SpanProps) {
  const { t } = useTranslation('journeys');
  const [, count = '', unit = 'days'] = /^(\d+)\s*(.*)$/.exec(value ?? '') ?? [];
  const [draft, setDraft] = useState(count);
  const known = units.find((each) => each === unit) ?? 'days';
  const put = (number: string, next: string) => change(/^[1-9]\d*$/.test(number) ? `${number} ${next}` : undefined);
  return (
    <span className="span-field">
      <Input value={draft} inputMode="numeric" onChange={(event) => setDraft(event.target.value)} onBlur={() => put(draft, known)} onPressEnter={() => put(draft, known)} placeholder={t('anyLength')} aria-label={label} />
      <Select value={known} options={units.map((each) => ({ value: each, label: t(`unit.${each}`) }))} onChange={(next) => put(draft || '1', next)} aria-label={`${label}: ${t('unitLabel')}`} popupMatchSelectWidth={false} />
    </span>
  );
}
