// Conditions on columns, line by line: column, test, values from what there is. Text that was written by hand stays a text.

import { CloseOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ColumnFacts, isNumber, isTime, type TableFacts, valuesQuery } from '@/api/catalogue';
import { type Purpose, usePurpose } from '@/app/purpose';
import { useLanguage } from '@/ui/values';
import { shortNumber } from '@/format/number';
import { type Condition, conditionsOf, isWhole, sqlOf, type TestName } from './sql';
import './condition.css';

interface ConditionsProps {
  table: TableFacts;
  /** SQL. */
  value: string | undefined;
  change: (sql: string | undefined) => void;
  /** Columns that are chosen elsewhere. */
  without?: string[];
  addLabel?: string;
}

/** Lines that do not yet say anything are kept here, out of the SQL. */
export function Conditions({ table, value, change, without = [], addLabel }: ConditionsProps) {
  const { t } = useTranslation('condition');
  const [unfinished, setUnfinished] = useState<Condition[]>([]);
  const read = value ? conditionsOf(value) : [];
  if (!read) return <HandWritten value={value ?? ''} change={change} />;
  const columns = table.columns.filter((column) => !column.masked && !without.includes(column.name));
  const typeOf = (name: string) => table.columns.find((column) => column.name === name)?.type;
  const lines = [...read, ...unfinished];
  const put = (next: Condition[]) => {
    setUnfinished(next.filter((each) => !isWhole(each)));
    change(sqlOf(next, typeOf) || undefined);
  };
  return (
    <div className="conditions">
      {lines.map((line, nth) => (
        // Lines have no key of their own; their order is their name.
        // oxlint-disable-next-line react/no-array-index-key
        <Line key={nth} table={table} columns={columns} line={line} change={(next) => put(lines.map((each, at) => (at === nth ? next : each)))} remove={() => put(lines.filter((_, at) => at !== nth))} />
      ))}
      <Button type="text" size="small" icon={<PlusOutlined />} onClick={() => setUnfinished([...unfinished, { column: '', test: 'is', values: [] }])}>
        {addLabel ?? t('add')}
      </Button>
    </div>
  );
}

interface HandWrittenProps {
  value: string;
  change: (sql: string | undefined) => void;
}

function HandWritten({ value, change }: HandWrittenProps) {
  const { t } = useTranslation('condition');
  const [draft, setDraft] = useState(value);
  const put = () => draft.trim() !== value && change(draft.trim() || undefined);
  return (
    <span className="condition-text">
      <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} value={draft} onChange={(event) => setDraft(event.target.value)} onBlur={put} aria-label={t('sql')} className="mono" />
      <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('removeSql')} onClick={() => change(undefined)} />
    </span>
  );
}

interface LineProps {
  table: TableFacts;
  columns: ColumnFacts[];
  line: Condition;
  change: (line: Condition) => void;
  remove: () => void;
}

function Line({ table, columns, line, change, remove }: LineProps) {
  const { t } = useTranslation('condition');
  const [purpose] = usePurpose();
  const type = columns.find((column) => column.name === line.column)?.type;
  return (
    <span className="condition">
      <Select showSearch value={line.column || undefined} placeholder={t('column')} aria-label={t('column')} options={columns.map(({ name }) => ({ value: name, label: name }))} onChange={(column) => change({ column, test: 'is', values: [] })} popupMatchSelectWidth={false} />
      <Select<TestName> value={line.test} aria-label={t('test')} options={testsOf(type).map((test) => ({ value: test, label: t(`tests.${test}`) }))} onChange={(test) => change({ ...line, test, values: test === line.test ? line.values : test === 'missing' || test === 'there' ? [] : line.values.slice(0, test === 'is' || test === 'is_not' ? undefined : 1) })} popupMatchSelectWidth={false} />
      <Values table={table.name} line={line} type={type} purpose={purpose} change={(values) => change({ ...line, values })} />
      <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('remove', { column: line.column || t('column') })} onClick={remove} />
    </span>
  );
}

function testsOf(type: ColumnFacts['type'] | undefined): TestName[] {
  const ordered: TestName[] = isNumber(type) || isTime(type) ? ['at_least', 'at_most'] : [];
  const contained: TestName[] = type === 'text' ? ['contains'] : [];
  return ['is', 'is_not', ...ordered, ...contained, 'there', 'missing'];
}

interface ValuesProps {
  table: string;
  line: Condition;
  type: ColumnFacts['type'] | undefined;
  purpose: Purpose;
  change: (values: string[]) => void;
}

function Values({ table, line, type, purpose, change }: ValuesProps) {
  const { t } = useTranslation('condition');
  if (line.test === 'missing' || line.test === 'there' || line.column === '') return null;
  if (line.test === 'is' || line.test === 'is_not') return <Known table={table} column={line.column} purpose={purpose} values={line.values} change={change} />;
  const typed = type === 'date' || type === 'timestamp' ? 'date' : 'text';
  return <Written key={`${line.column} ${line.test}`} value={line.values[0] ?? ''} type={typed} label={t('value')} change={(value) => change(value ? [value] : [])} />;
}

interface WrittenProps {
  value: string;
  type: 'text' | 'date';
  label: string;
  change: (value: string) => void;
}

/** A value that takes effect once one leaves it: each letter would be another question. */
export function Written({ value, type, label, change }: WrittenProps) {
  const [draft, setDraft] = useState(value);
  const put = () => draft !== value && change(draft.trim());
  return <Input type={type} value={draft} onChange={(event) => setDraft(event.target.value)} onBlur={put} onPressEnter={put} aria-label={label} style={{ width: type === 'date' ? 150 : 130 }} />;
}

interface KnownProps {
  table: string;
  column: string;
  purpose: Purpose;
  values: string[];
  change: (values: string[]) => void;
}

export function Known({ table, column, purpose, values, change }: KnownProps) {
  const { t } = useTranslation('condition');
  const language = useLanguage();
  const known = useQuery(valuesQuery(purpose, table, column));
  const options = (known.data ?? []).map(({ value, rows }) => ({ value, label: value, rows: shortNumber(rows, language).short }));
  return (
    <Select
      mode="tags"
      className="condition-values"
      value={values}
      loading={known.isFetching}
      options={options}
      onChange={change}
      placeholder={t('values')}
      aria-label={t('values')}
      maxTagCount="responsive"
      popupMatchSelectWidth={false}
      optionRender={({ data }) => <span className="known-value"><span>{data.label}</span><span className="quiet num">{data.rows}</span></span>}
    />
  );
}
