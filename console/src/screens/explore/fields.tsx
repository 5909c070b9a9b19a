// What can be put on shelves: columns of the table, and traits. Dragged by the mouse, or sent by a menu.

import { CalendarOutlined, FieldNumberOutlined, FontSizeOutlined, HolderOutlined } from '@ant-design/icons';
import { Dropdown, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Catalogue, isNumber, isTime, type TableFacts } from '@/api/catalogue';
import { useSay } from '@/ui/words';
import type { Field } from './shelves';

export type ShelfName = 'dimensions' | 'measures' | 'filters';
export const DRAGGED = 'application/x-florin-field';

interface FieldsProps {
  catalogue: Catalogue;
  table: TableFacts | undefined;
  chooseTable: (table: string) => void;
  put: (field: Field, shelf: ShelfName) => void;
}

export function FieldList({ catalogue, table, chooseTable, put }: FieldsProps) {
  const { t } = useTranslation('explore');
  const say = useSay();
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const matches = (field: Field) => `${field.name} ${field.about}`.toLowerCase().includes(wanted);
  const columns: Field[] = (table?.columns ?? []).filter((column) => !column.masked).map(({ name, type, about }) => ({ name, type, about }));
  const traits: Field[] = table?.of_customers ? catalogue.traits.map((trait) => ({ name: `traits.${trait.name}`, type: trait.type, about: say(trait.meaning) })) : [];
  const hidden = (table?.columns.length ?? 0) - columns.length;
  return (
    <div className="field-list">
      <Select showSearch value={table?.name} onChange={chooseTable} placeholder={t('pickTable')} aria-label={t('table')} options={catalogue.tables.map(({ name, about }) => ({ value: name, label: name, about }))} optionRender={({ data }) => <span className="named"><span>{data.label}</span><span className="quiet small">{data.about}</span></span>} popupMatchSelectWidth={300} style={{ width: '100%' }} />
      <Input allowClear value={find} onChange={(event) => setFind(event.target.value)} placeholder={t('findField')} aria-label={t('findField')} />
      {/* Scrolls, so it must be reachable by the keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="field-scroll" tabIndex={0} role="region" aria-label={t('fields')}>
        <Group title={table?.name ?? t('table')} fields={columns.filter(matches)} put={put} />
        {hidden > 0 && <p className="quiet small">{t('masked', { count: hidden })}</p>}
        {traits.length > 0 && <Group title={t('traits')} fields={traits.filter(matches)} put={put} />}
      </div>
    </div>
  );
}

interface GroupProps {
  title: string;
  fields: Field[];
  put: FieldsProps['put'];
}

function Group({ title, fields, put }: GroupProps) {
  if (fields.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>{fields.map((field) => <li key={field.name}><FieldButton field={field} put={put} /></li>)}</ul>
    </section>
  );
}

function FieldButton({ field, put }: { field: Field; put: FieldsProps['put'] }) {
  const { t } = useTranslation('explore');
  const shelves: ShelfName[] = ['dimensions', 'measures', 'filters'];
  return (
    // Whoever opens it by the keyboard goes on in it.
    // oxlint-disable-next-line jsx-a11y/no-autofocus
    <Dropdown autoFocus trigger={['click']} menu={{ items: shelves.map((shelf) => ({ key: shelf, label: t(`to.${shelf}`) })), onClick: ({ key }) => put(field, key as ShelfName) }}>
      <button type="button" className="field" draggable title={field.about || undefined} onDragStart={(event) => event.dataTransfer.setData(DRAGGED, JSON.stringify(field))}>
        <TypeIcon type={field.type} />
        <span>{field.name.replace(/^traits\./, '')}</span>
        <HolderOutlined className="field-grip" />
      </button>
    </Dropdown>
  );
}

export function TypeIcon({ type }: { type: Field['type'] | undefined }) {
  if (isTime(type)) return <CalendarOutlined className="field-icon" />;
  return isNumber(type) ? <FieldNumberOutlined className="field-icon" /> : <FontSizeOutlined className="field-icon" />;
}
