// The question of a funnel: steps, and the rules by which they count.

import { ArrowDownOutlined, ArrowUpOutlined, CloseOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Collapse, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Exclusion, orders, sharings, type Step, trends } from './definition';
import { EventWhere } from './event-where';
import { Field, RowsFields, SpanField } from './frame';
import type { JourneyState } from './journey';

interface BuilderProps {
  journey: JourneyState<'funnel'>;
}

export function FunnelBuilder({ journey }: BuilderProps) {
  const { t } = useTranslation('journeys');
  const { def, change } = journey;
  return (
    <>
      <Steps journey={journey} />
      <Field label={t('funnel.within')}>
        <SpanField key={def.within} value={def.within ?? undefined} label={t('funnel.within')} change={(within) => change({ within })} />
      </Field>
      <ColumnField journey={journey} label={t('funnel.by')} value={def.by ?? undefined} put={(by) => change({ by, attribution: by ? def.attribution : undefined })} />
      {def.by && (
        <Field label={t('funnel.attribution')}>
          <Select value={def.attribution ?? 'first'} aria-label={t('funnel.attribution')} onChange={(attribution) => change({ attribution })} options={[...['first', 'last', 'every'].map((each) => ({ value: each, label: t(`funnel.attributions.${each}`) })), ...def.step.map((step, nth) => ({ value: `step ${nth + 1}`, label: t('funnel.attributionStep', { step: step.name || nth + 1 }) }))]} />
        </Field>
      )}
      <Field label={t('funnel.trend')}>
        <Select value={def.trend ?? ''} aria-label={t('funnel.trend')} onChange={(trend) => change({ trend: trend || undefined })} options={[{ value: '', label: t('funnel.noTrend') }, ...trends.map((each) => ({ value: each as string, label: t(`period.${each}`) }))]} />
      </Field>
      <Collapse ghost size="small" className="builder-more" items={[{ key: 'more', label: t('more'), children: <More journey={journey} /> }]} />
    </>
  );
}

function More({ journey }: BuilderProps) {
  const { t } = useTranslation('journeys');
  const { def, change } = journey;
  return (
    <div className="builder">
      <Field label={t('funnel.order')} help={t(`funnel.orderHelp.${def.order ?? 'ordered'}`)}>
        <Select value={def.order ?? 'ordered'} aria-label={t('funnel.order')} onChange={(order) => change({ order: order === 'ordered' ? undefined : order })} options={orders.map((each) => ({ value: each as string, label: t(`funnel.orders.${each}`) }))} />
      </Field>
      <Field label={t('funnel.sharing')}>
        <Select value={def.sharing ?? 'row'} aria-label={t('funnel.sharing')} onChange={(sharing) => change({ sharing: sharing === 'row' ? undefined : sharing })} options={sharings.map((each) => ({ value: each as string, label: t(`funnel.sharings.${each}`) }))} />
      </Field>
      <ColumnField journey={journey} label={t('funnel.hold')} value={def.hold ?? undefined} put={(hold) => change({ hold })} />
      <Exclusions journey={journey} />
      <RowsFields journey={journey} />
    </div>
  );
}

interface ColumnFieldProps extends BuilderProps {
  label: string;
  value: string | undefined;
  put: (column: string | undefined) => void;
}

function ColumnField({ journey, label, value, put }: ColumnFieldProps) {
  const { t } = useTranslation('journeys');
  const columns = journey.table.columns.filter((column) => !column.masked && column.type !== 'timestamp' && column.name !== 'customer_id').map(({ name }) => ({ value: name, label: name }));
  const options = value && !columns.some((each) => each.value === value) ? [...columns, { value, label: value }] : columns;
  return (
    <Field label={label}>
      <Select showSearch allowClear value={value} placeholder={t('none')} aria-label={label} options={options} onChange={(next) => put(next ?? undefined)} />
    </Field>
  );
}

function Steps({ journey }: BuilderProps) {
  const { t } = useTranslation('journeys');
  const { def, change } = journey;
  const [fresh, setFresh] = useState(0);
  const steps: Step[] = [...def.step, ...Array.from({ length: Math.max(fresh, def.step.length === 0 ? 1 : 0) }, () => ({ name: '', where: '' }))];
  const put = (next: Step[]) => {
    setFresh(next.filter((each) => each.where === '' && each.name === '').length);
    change({ step: next.filter((each) => each.where !== '' || each.name !== '') });
  };
  const swap = (at: number, to: number) => put(steps.map((each, nth) => (nth === at ? (steps[to] ?? each) : nth === to ? (steps[at] ?? each) : each)));
  return (
    <>
      <ol className="builder-steps">
        {steps.map((step, nth) => (
          // Their order is their name.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={nth}>
            <StepEditor journey={journey} step={step} nth={nth} last={steps.length - 1} move={(by) => swap(nth, nth + by)} remove={() => put(steps.filter((_, at) => at !== nth))} put={(next) => put(steps.map((each, at) => (at === nth ? next : each)))} />
          </li>
        ))}
      </ol>
      <Button icon={<PlusOutlined />} onClick={() => setFresh(fresh + 1)} block>{t('funnel.addStep')}</Button>
    </>
  );
}

interface StepEditorProps extends BuilderProps {
  step: Step;
  nth: number;
  last: number;
  put: (step: Step) => void;
  move: (by: number) => void;
  remove: () => void;
}

function StepEditor({ journey, step, nth, last, put, move, remove }: StepEditorProps) {
  const { t } = useTranslation('journeys');
  const name = t('funnel.step', { number: nth + 1 });
  const [draft, setDraft] = useState<string>();
  return (
    <div className="builder-step">
      <span className="builder-step-head">
        <span className="builder-number" aria-hidden="true">{nth + 1}</span>
        <Input variant="borderless" value={draft ?? step.name} placeholder={t('funnel.stepName')} aria-label={t('funnel.nameOf', { step: name })} onChange={(event) => setDraft(event.target.value)} onBlur={() => { if (draft !== undefined && draft !== step.name) put({ ...step, name: draft }); setDraft(undefined); }} />
        <Button type="text" size="small" icon={<ArrowUpOutlined />} disabled={nth === 0} aria-label={t('up', { what: name })} onClick={() => move(-1)} />
        <Button type="text" size="small" icon={<ArrowDownOutlined />} disabled={nth === last} aria-label={t('down', { what: name })} onClick={() => move(1)} />
        <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('remove', { what: name })} onClick={remove} />
      </span>
      <EventWhere table={journey.table} value={step.where || undefined} label={t('funnel.eventOf', { step: name })} change={(where, events) => put({ ...step, where: where ?? '', name: step.name || events.join(' / ') })} />
    </div>
  );
}

function Exclusions({ journey }: BuilderProps) {
  const { t } = useTranslation('journeys');
  const { def, change } = journey;
  const [fresh, setFresh] = useState(false);
  const empty: Exclusion = { where: '', after: 1, before: Math.max(2, def.step.length) };
  const all = [...(def.exclude ?? []), ...(fresh ? [empty] : [])];
  const put = (next: Exclusion[]) => {
    setFresh(false);
    change({ exclude: next.filter((each) => each.where !== '') });
  };
  const steps = def.step.map((step, nth) => ({ value: nth + 1, label: `${nth + 1}. ${step.name}` }));
  return (
    <Field label={t('funnel.exclude')}>
      {all.map((each, nth) => (
        // oxlint-disable-next-line react/no-array-index-key
        <div className="builder-step" key={nth}>
          <EventWhere table={journey.table} value={each.where || undefined} label={t('funnel.excludeEvent')} change={(where) => put(all.map((one, at) => (at === nth ? { ...one, where: where ?? '' } : one)))} />
          <span className="row">
            <span className="quiet">{t('funnel.between')}</span>
            <Select value={each.after} options={steps.slice(0, -1)} aria-label={t('funnel.after')} onChange={(after) => put(all.map((one, at) => (at === nth ? { ...one, after } : one)))} popupMatchSelectWidth={false} />
            <Select value={each.before} options={steps.slice(each.after)} aria-label={t('funnel.before')} onChange={(before) => put(all.map((one, at) => (at === nth ? { ...one, before } : one)))} popupMatchSelectWidth={false} />
          </span>
        </div>
      ))}
      {!fresh && <Button size="small" type="text" icon={<PlusOutlined />} disabled={def.step.length < 2} onClick={() => setFresh(true)}>{t('funnel.addExclusion')}</Button>}
    </Field>
  );
}
