// Which rows: an event picked from those that there are, with conditions on its columns. Where the table has no names of
// events, conditions alone.

import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { type TableFacts, valuesQuery } from '@/api/catalogue';
import { usePurpose } from '@/app/purpose';
import { shortNumber } from '@/format/number';
import { Conditions } from '@/ui/condition/conditions';
import { conditionsOf, sqlOf } from '@/ui/condition/sql';
import { useLanguage } from '@/ui/values';

interface EventWhereProps {
  table: TableFacts;
  value: string | undefined;
  label: string;
  /** `events` are the names that were picked, if it is so simple. */
  change: (sql: string | undefined, events: string[]) => void;
}

/** The events that a condition names, and what else it says; nothing when it cannot be taken apart. */
export function eventsOf(sql: string | undefined): { events: string[]; rest: string | undefined } | undefined {
  const conditions = sql ? conditionsOf(sql) : [];
  if (!conditions) return undefined;
  const names = conditions.filter((each) => each.column === 'name');
  const [first] = names;
  if (names.length > 1 || (first && first.test !== 'is')) return undefined;
  const rest = conditions.filter((each) => each !== first);
  return { events: first?.values ?? [], rest: rest.length > 0 ? sqlOf(rest) : undefined };
}

export function EventWhere({ table, value, label, change }: EventWhereProps) {
  const { t } = useTranslation('journeys');
  const named = table.columns.some((column) => column.name === 'name') || table.columns.length === 0;
  const parts = eventsOf(value);
  if (!named || !parts) return <Conditions table={table} value={value} change={(sql) => change(sql, [])} />;
  const put = (events: string[], rest: string | undefined) => {
    const picked = events.length > 0 ? sqlOf([{ column: 'name', test: 'is', values: events }]) : undefined;
    change([picked, rest].filter(Boolean).join(' and ') || undefined, events);
  };
  return (
    <div className="event-where">
      <EventSelect table={table.name} value={parts.events} label={label} change={(events) => put(events, parts.rest)} />
      {parts.events.length > 0 && <Conditions table={table} value={parts.rest} without={['name', 'customer_id', 'event_id']} change={(rest) => put(parts.events, rest)} addLabel={t('onlyWhere')} />}
    </div>
  );
}

interface EventSelectProps {
  table: string;
  value: string[];
  label: string;
  change: (events: string[]) => void;
  one?: boolean;
}

export function EventSelect({ table, value, label, change, one = false }: EventSelectProps) {
  const { t } = useTranslation('journeys');
  const [purpose] = usePurpose();
  const language = useLanguage();
  const known = useQuery(valuesQuery(purpose, table, 'name'));
  const options = (known.data ?? []).map((each) => ({ value: each.value, label: each.value, rows: shortNumber(each.rows, language).short }));
  return (
    <Select
      mode={one ? undefined : 'tags'}
      showSearch
      allowClear={one}
      value={(one ? value[0] : value) as never}
      loading={known.isFetching}
      options={options}
      onChange={(next: unknown) => change(one ? [next].filter((each): each is string => typeof each === 'string') : (next as string[]))}
      placeholder={t('pickEvent')}
      aria-label={label}
      style={{ width: '100%' }}
      optionRender={({ data }) => <span className="known-value"><span>{data.label}</span><span className="quiet num">{data.rows}</span></span>}
    />
  );
}
