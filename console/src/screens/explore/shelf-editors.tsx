// What can be changed about a dimension, a measure, a filter.

import { Input, InputNumber, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { isNumber, isTime } from '@/api/catalogue';
import { usePurpose } from '@/app/purpose';
import { Known, Written } from '@/ui/condition/conditions';
import { aggregatesOf, type Aggregate, type Dimension, type Field, type Filter, grains, type Measure, type Test } from './shelves';

interface DimensionEditorProps {
  value: Dimension;
  type: Field['type'] | undefined;
  change: (value: Dimension) => void;
}

export function DimensionEditor({ value, type, change }: DimensionEditorProps) {
  const { t } = useTranslation('explore');
  const { field, grain, bin } = value;
  if (isTime(type)) return <Select value={grain ?? ''} aria-label={t('grain')} style={{ width: 180 }} options={[{ value: '', label: t('grains.exact') }, ...grains.map((each) => ({ value: each as string, label: t(`grains.${each}`) }))]} onChange={(next) => change(next ? { field, grain: next as Dimension['grain'] } : { field })} />;
  if (isNumber(type)) return <span className="row"><span className="quiet">{t('steps')}</span><InputNumber defaultValue={bin ? Number(bin) : undefined} min={0} placeholder={t('noSteps')} aria-label={t('steps')} onBlur={(event) => change(Number(event.target.value) > 0 ? { field, bin: event.target.value } : { field })} onPressEnter={(event) => change(Number(event.currentTarget.value) > 0 ? { field, bin: event.currentTarget.value } : { field })} /></span>;
  return <span className="quiet small">{t('byValue')}</span>;
}

interface MeasureEditorProps {
  value: Measure;
  type: Field['type'] | undefined;
  change: (value: Measure) => void;
}

export function MeasureEditor({ value, type, change }: MeasureEditorProps) {
  const { t } = useTranslation('explore');
  if (!value.field) return <span className="quiet small">{t('countsRows')}</span>;
  return <Select<Aggregate> value={value.aggregate} aria-label={t('aggregate')} style={{ width: 180 }} options={aggregatesOf(type ?? 'text').map((each) => ({ value: each, label: t(`aggregates.${each}`) }))} onChange={(aggregate) => change({ ...value, aggregate })} />;
}

interface FilterEditorProps {
  table: string;
  value: Filter;
  type: Field['type'] | undefined;
  change: (value: Filter) => void;
}

const kinds = ['one_of', 'none_of', 'between', 'last_days', 'contains', 'missing', 'there'] as const;
type Kind = (typeof kinds)[number];

export function kindOf(test: Test): Kind {
  if ('missing' in test) return test.missing ? 'missing' : 'there';
  return kinds.find((kind) => kind in test) ?? 'one_of';
}

function fresh(kind: Kind): Test {
  const made: Record<Kind, Test> = { one_of: { one_of: [] }, none_of: { none_of: [] }, between: { between: [null, null] }, last_days: { last_days: 30 }, contains: { contains: '' }, missing: { missing: true }, there: { missing: false } };
  return made[kind];
}

function kindsOf(type: Field['type'] | undefined): Kind[] {
  if (isTime(type)) return ['last_days', 'between', 'there', 'missing'];
  if (isNumber(type)) return ['between', 'one_of', 'none_of', 'there', 'missing'];
  return ['one_of', 'none_of', 'contains', 'there', 'missing'];
}

/** How a filter on a field begins. */
export const freshFilter = ({ name, type }: Pick<Field, 'name' | 'type'>): Filter => ({ field: name, test: fresh(kindsOf(type)[0] ?? 'one_of') });

export function FilterEditor({ table, value, type, change }: FilterEditorProps) {
  const { t } = useTranslation('explore');
  const kind = kindOf(value.test);
  return (
    <div className="filter-editor">
      <Select<Kind> value={kind} aria-label={t('test')} options={kindsOf(type).map((each) => ({ value: each, label: t(`tests.${each}`) }))} onChange={(next) => change({ ...value, test: fresh(next) })} style={{ width: 200 }} />
      <TestEditor table={table} value={value} type={type} change={(test) => change({ ...value, test })} />
    </div>
  );
}

interface TestEditorProps extends Omit<FilterEditorProps, 'change'> {
  change: (test: Test) => void;
}

function TestEditor({ table, value: { field, test }, type, change }: TestEditorProps) {
  const { t } = useTranslation('explore');
  const [purpose] = usePurpose();
  const trait = field.startsWith('traits.');
  const values = (list: string[], put: (list: string[]) => void) => <Known table={trait ? field : table} column={trait ? 'value' : field} purpose={purpose} values={list} change={put} />;
  if ('one_of' in test) return values(test.one_of, (one_of) => change({ one_of }));
  if ('none_of' in test) return values(test.none_of, (none_of) => change({ none_of }));
  if ('contains' in test) return <Input defaultValue={test.contains} aria-label={t('tests.contains')} onBlur={(event) => change({ contains: event.target.value })} onPressEnter={(event) => change({ contains: event.currentTarget.value })} />;
  if ('last_days' in test) {
    return (
      <span className="stacked">
        <Segmented size="small" value={test.last_days} aria-label={t('tests.last_days')} onChange={(last_days) => change({ last_days })} options={[7, 30, 90, 365]} />
        <InputNumber key={test.last_days} min={1} max={36_500} defaultValue={test.last_days} aria-label={t('tests.last_days')} onBlur={(event) => change({ last_days: Number(event.target.value) || test.last_days })} onPressEnter={(event) => change({ last_days: Number(event.currentTarget.value) || test.last_days })} />
      </span>
    );
  }
  if ('between' in test) {
    const [low, high] = [test.between[0] ?? '', test.between[1] ?? ''];
    const kind = isTime(type) ? 'date' : 'text';
    return <span className="row"><Written key={`l${low}`} type={kind} value={low} label={t('from')} change={(next) => change({ between: [next || null, high || null] })} />–<Written key={`h${high}`} type={kind} value={high} label={t('to_')} change={(next) => change({ between: [low || null, next || null] })} /></span>;
  }
  return null;
}
