// One shelf: takes what is dropped on it, and shows what stands on it. Each thing opens to be changed, moved or removed.

import { CloseOutlined, DownOutlined, LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Button, Popover } from 'antd';
import { type DragEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DRAGGED } from './fields';
import type { Field } from './shelves';

export interface Standing {
  key: string;
  label: ReactNode;
  /** What can be changed about it. */
  editor: ReactNode;
}

interface ShelfRowProps {
  name: string;
  hint: string;
  things: Standing[];
  drop: (field: Field) => void;
  remove: (nth: number) => void;
  move?: (from: number, to: number) => void;
}

export function ShelfRow({ name, hint, things, drop, remove, move }: ShelfRowProps) {
  const [over, setOver] = useState(false);
  const take = (event: DragEvent) => {
    setOver(false);
    const dragged = event.dataTransfer.getData(DRAGGED);
    if (!dragged) return;
    event.preventDefault();
    drop(JSON.parse(dragged) as Field);
  };
  const allow = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(DRAGGED)) return;
    event.preventDefault();
    setOver(true);
  };
  return (
    // Dropping is the mouse's way; the menu of each field is the keyboard's.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div className={over ? 'shelf shelf-over' : 'shelf'} role="group" aria-label={name} onDragOver={allow} onDragLeave={() => setOver(false)} onDrop={take}>
      <span className="shelf-name">{name}</span>
      <span className="shelf-things">
        {things.length === 0 && <span className="quiet small">{hint}</span>}
        {things.map((thing, nth) => <Thing key={thing.key} thing={thing} remove={() => remove(nth)} left={move && nth > 0 ? () => move(nth, nth - 1) : undefined} right={move && nth < things.length - 1 ? () => move(nth, nth + 1) : undefined} />)}
      </span>
    </div>
  );
}

interface ThingProps {
  thing: Standing;
  remove: () => void;
  left: (() => void) | undefined;
  right: (() => void) | undefined;
}

function Thing({ thing, remove, left, right }: ThingProps) {
  const { t } = useTranslation('explore');
  const content = (
    <div className="thing-editor">
      {thing.editor}
      <span className="row">
        {(left ?? right) && <Button size="small" icon={<LeftOutlined />} disabled={!left} onClick={left}>{t('earlier')}</Button>}
        {(left ?? right) && <Button size="small" icon={<RightOutlined />} disabled={!right} onClick={right}>{t('later')}</Button>}
        <Button size="small" danger onClick={remove}>{t('remove')}</Button>
      </span>
    </div>
  );
  return (
    <span className="thing">
      <Popover trigger="click" content={content} placement="bottomLeft" destroyOnHidden>
        <button type="button" className="thing-open">{thing.label} <DownOutlined /></button>
      </Popover>
      <button type="button" className="thing-remove" onClick={remove} aria-label={t('removeIt')}><CloseOutlined /></button>
    </span>
  );
}
