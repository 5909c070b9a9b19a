// The shelves: by what, what is told, of which rows; which customers, compared with what.

import { PlusOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Catalogue, isTime } from '@/api/catalogue';
import { useLanguage } from '@/ui/values';
import { DimensionEditor, FilterEditor, MeasureEditor } from './shelf-editors';
import { ShelfRow, type Standing } from './shelf-row';
import { compares, type Filter, saysSomething } from './shelves';
import type { Editing } from './use-shelves';

interface ShelvesEditorProps {
  edit: Editing;
  catalogue: Catalogue;
}

const short = (field: string) => field.replace(/^traits\./, '');

function moved<T>(all: T[], from: number, to: number): T[] {
  const rest = all.filter((_, at) => at !== from);
  const [thing] = all.slice(from, from + 1);
  return thing === undefined ? all : [...rest.slice(0, to), thing, ...rest.slice(to)];
}

const replaced = <T,>(all: T[], nth: number, next: T) => all.map((each, at) => (at === nth ? next : each));
const without = <T,>(all: T[], nth: number) => all.filter((_, at) => at !== nth);

export function ShelvesEditor({ edit, catalogue }: ShelvesEditorProps) {
  const { t } = useTranslation('explore');
  const { shelves, set, put, typeOf } = edit;
  const { dimensions, measures, filters } = shelves;
  const grouped: Standing[] = dimensions.map((each, nth) => ({
    key: `${each.field} ${each.grain ?? each.bin ?? ''}`,
    label: <>{short(each.field)}{each.grain && <em> {t(`grains.${each.grain}`)}</em>}{each.bin && <em> ±{each.bin}</em>}</>,
    editor: <DimensionEditor value={each} type={typeOf(each.field)} change={(next) => set({ dimensions: replaced(dimensions, nth, next) })} />,
  }));
  const told: Standing[] = measures.map((each, nth) => ({
    key: `${each.aggregate} ${each.field ?? ''}`,
    label: each.field ? <><em>{t(`aggregates.${each.aggregate}`)}</em> {short(each.field)}</> : t('rowCount'),
    editor: <MeasureEditor value={each} type={each.field ? typeOf(each.field) : undefined} change={(next) => set({ measures: replaced(measures, nth, next) })} />,
  }));
  const kept: Standing[] = filters.map((each, nth) => ({
    key: `${nth} ${each.field}`,
    label: <FilterLabel filter={each} />,
    editor: <FilterEditor table={shelves.table} value={each} type={typeOf(each.field)} change={(next) => set({ filters: replaced(filters, nth, next) })} />,
  }));
  return (
    <div className="shelves">
      <ShelfRow name={t('dimensions')} hint={t('dropDimension')} things={grouped} drop={(field) => put(field, 'dimensions')} remove={(nth) => set({ dimensions: without(dimensions, nth) })} move={(from, to) => set({ dimensions: moved(dimensions, from, to) })} />
      <ShelfRow name={t('measures')} hint={t('dropMeasure')} things={told} drop={(field) => put(field, 'measures')} remove={(nth) => set({ measures: without(measures, nth) })} move={(from, to) => set({ measures: moved(measures, from, to) })} />
      <ShelfRow name={t('filters')} hint={t('dropFilter')} things={kept} drop={(field) => put(field, 'filters')} remove={(nth) => set({ filters: without(filters, nth) })} />
      <div className="shelf-more">
        {!measures.some((each) => !each.field) && <Button size="small" icon={<PlusOutlined />} onClick={edit.countRows}>{t('rowCount')}</Button>}
        <SegmentSelect edit={edit} catalogue={catalogue} />
        <CompareSelect edit={edit} />
      </div>
    </div>
  );
}

function FilterLabel({ filter }: { filter: Filter }) {
  const { t } = useTranslation('explore');
  const { field, test } = filter;
  if (!saysSomething(filter)) return <>{short(field)} <em>…</em></>;
  if ('one_of' in test) return <>{short(field)} = <em>{test.one_of.slice(0, 3).join(', ')}{test.one_of.length > 3 ? ` +${test.one_of.length - 3}` : ''}</em></>;
  if ('none_of' in test) return <>{short(field)} ≠ <em>{test.none_of.slice(0, 3).join(', ')}</em></>;
  if ('between' in test) return <>{short(field)} <em>{test.between[0] ?? '…'} – {test.between[1] ?? '…'}</em></>;
  if ('last_days' in test) return <>{short(field)} <em>{t('lastDays', { count: test.last_days })}</em></>;
  if ('contains' in test) return <>{short(field)} ∋ <em>{test.contains}</em></>;
  return <>{short(field)} <em>{t(test.missing ? 'tests.missing' : 'tests.there')}</em></>;
}

function SegmentSelect({ edit, catalogue }: ShelvesEditorProps) {
  const { t } = useTranslation('explore');
  const language = useLanguage();
  if (!edit.table?.of_customers) return null;
  const options = Object.entries(catalogue.segments).map(([value, words]) => ({ value, label: words[language] || value }));
  return <Select showSearch allowClear size="small" value={edit.shelves.segment ?? undefined} placeholder={t('anyCustomer')} aria-label={t('segment')} options={options} optionFilterProp="label" onChange={(segment) => edit.set({ segment: segment ?? undefined })} popupMatchSelectWidth={320} style={{ width: 230 }} />;
}

/** Comparing needs to know the period: a filter on a time that ends somewhere. */
function CompareSelect({ edit }: { edit: Editing }) {
  const { t } = useTranslation('explore');
  const bounded = edit.shelves.filters.some(({ field, test }) => isTime(edit.typeOf(field)) && ('last_days' in test || ('between' in test && Boolean(test.between[0]) && Boolean(test.between[1]))));
  return <Select allowClear size="small" disabled={!bounded} value={edit.shelves.compare ?? undefined} placeholder={t(bounded ? 'noCompare' : 'compareNeeds')} aria-label={t('compare')} options={compares.map((each) => ({ value: each as string, label: t(`compares.${each}`) }))} onChange={(compare) => edit.set({ compare: (compare as 'previous_period' | undefined) ?? undefined })} popupMatchSelectWidth={false} style={{ width: 230 }} />;
}
