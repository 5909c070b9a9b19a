// One tile: its answer, and in changing the dashboard the means to move and resize it, by mouse and by keyboard.

import { ArrowLeftOutlined, ArrowRightOutlined, CloseOutlined, ColumnHeightOutlined, ColumnWidthOutlined, FilterOutlined, HolderOutlined, TeamOutlined, VerticalAlignMiddleOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Segmented } from 'antd';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Catalogue } from '@/api/catalogue';
import type { Purpose } from '@/app/purpose';
import { Async } from '@/ui/async';
import { Behind } from '@/ui/behind/behind';
import { behindGroup, exploreQuery } from '../explore/queries';
import { Result } from '../explore/result';
import { askedOf, type Filter, filterOf, groupOf } from '../explore/shelves';
import { type Cross, crossed, GRID, type Tile } from './body';

const DRAGGED = 'application/x-florin-tile';
const ROW_PX = 84;
const HEAD_PX = 104;
const DOES_PX = 30;

interface Changes {
  move: (by: number) => void;
  drop: (id: string) => void;
  resize: (by: { w?: number; h?: number }) => void;
  remove: () => void;
  first: boolean;
  last: boolean;
}

interface TileCardProps {
  tile: Tile;
  asks: { purpose: Purpose; as_of: string | undefined; cross: Cross[]; catalogue: Catalogue };
  /** Values were picked that hold for other tiles. */
  cross: (filters: Filter[]) => void;
  change: Changes | undefined;
}

export function TileCard({ tile, asks, cross, change }: TileCardProps) {
  const { t } = useTranslation('dashboards');
  const [over, setOver] = useState(false);
  const box = useRef<HTMLElement>(null);
  return (
    // Dropping is the mouse's way; the tools of each tile are the keyboard's.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      ref={box}
      className={`panel tile ${over ? 'tile-over' : ''}`}
      style={{ gridColumn: `span ${tile.w}`, gridRow: `span ${tile.h}` }}
      aria-label={tile.title}
      onDragOver={(event) => { if (change && event.dataTransfer.types.includes(DRAGGED)) { event.preventDefault(); setOver(true); } }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => { setOver(false); const id = event.dataTransfer.getData(DRAGGED); if (change && id && id !== tile.id) { event.preventDefault(); change.drop(id); } }}
    >
      <header className="panel-head">
        <h2>{change && <span className="tile-grip" draggable onDragStart={(event) => event.dataTransfer.setData(DRAGGED, tile.id)} title={t('drag')}><HolderOutlined aria-hidden="true" /></span>}{tile.title}</h2>
        {change ? <Tools tile={tile} change={change} /> : <Link to="/explore" search={{ q: { ...tile.shelves }, chart: tile.chart }} className="small">{t('explore')}</Link>}
      </header>
      <div className="panel-body"><TileAnswer tile={tile} asks={asks} cross={cross} /></div>
      {change && <Corner box={box} tile={tile} resize={change.resize} />}
    </section>
  );
}

function Tools({ tile, change }: { tile: Tile; change: Changes }) {
  const { t } = useTranslation('dashboards');
  const of = { what: tile.title };
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, { w?: number; h?: number }> = { ArrowLeft: { w: -1 }, ArrowRight: { w: 1 }, ArrowUp: { h: -1 }, ArrowDown: { h: 1 } };
    const step = event.shiftKey ? steps[event.key] : undefined;
    if (!step) return;
    event.preventDefault();
    change.resize(step);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/interactive-supports-focus
    <span className="tile-tools" role="toolbar" aria-label={t('tools', of)} onKeyDown={keys}>
      <Button size="small" type="text" icon={<ArrowLeftOutlined />} disabled={change.first} aria-label={t('earlier', of)} onClick={() => change.move(-1)} />
      <Button size="small" type="text" icon={<ArrowRightOutlined />} disabled={change.last} aria-label={t('later', of)} onClick={() => change.move(1)} />
      <Button size="small" type="text" icon={<VerticalAlignMiddleOutlined rotate={90} />} aria-label={t('narrower', of)} onClick={() => change.resize({ w: -1 })} />
      <Button size="small" type="text" icon={<ColumnWidthOutlined />} aria-label={t('wider', of)} onClick={() => change.resize({ w: 1 })} />
      <Button size="small" type="text" icon={<VerticalAlignMiddleOutlined />} aria-label={t('shorter', of)} onClick={() => change.resize({ h: -1 })} />
      <Button size="small" type="text" icon={<ColumnHeightOutlined />} aria-label={t('taller', of)} onClick={() => change.resize({ h: 1 })} />
      <Button size="small" type="text" danger icon={<CloseOutlined />} aria-label={t('removeTile', of)} onClick={change.remove} />
    </span>
  );
}

interface CornerProps {
  box: React.RefObject<HTMLElement | null>;
  tile: Tile;
  resize: Changes['resize'];
}

/** Resizing by the mouse: the corner is pulled, and the tile follows in steps of the grid. */
function Corner({ box, tile, resize }: CornerProps) {
  const pull = (event: PointerEvent<HTMLSpanElement>) => {
    const card = box.current;
    if (!card?.parentElement) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const start = { x: event.clientX, y: event.clientY, column: card.parentElement.clientWidth / GRID };
    const target = event.currentTarget;
    const end = (last: globalThis.PointerEvent) => {
      target.removeEventListener('pointerup', end);
      const by = { w: Math.round((last.clientX - start.x) / start.column), h: Math.round((last.clientY - start.y) / ROW_PX) };
      if (by.w !== 0 || by.h !== 0) resize(by);
    };
    target.addEventListener('pointerup', end);
  };
  return <span className="tile-corner" onPointerDown={pull} aria-hidden="true" data-tile={tile.id} />;
}

function TileAnswer({ tile, asks, cross }: Omit<TileCardProps, 'change'>) {
  const { t } = useTranslation('dashboards');
  const [open, setOpen] = useState<readonly unknown[]>();
  const [does, setDoes] = useState<'filter' | 'customers'>('filter');
  const shelves = crossed(tile, asks.cross, asks.catalogue);
  const asking = askedOf(shelves);
  const asked = asking && { purpose: asks.purpose, as_of: asks.as_of, shelves: asking };
  const answer = useQuery(exploreQuery(asked));
  const dimensions = shelves.dimensions ?? [];
  const pick = (row: readonly unknown[]) => {
    const filters = dimensions.map((dimension, nth) => filterOf(dimension, row[nth])).filter((each): each is Filter => each !== undefined);
    if (does === 'filter' && filters.length > 0) cross(filters);
    else setOpen(row.slice(0, dimensions.length));
  };
  const group = open && groupOf(shelves, open);
  const height = tile.h * ROW_PX + (tile.h - 1) * 16 - HEAD_PX - (dimensions.length > 0 ? DOES_PX : 0);
  return (
    <>
      {dimensions.length > 0 && <Segmented size="small" className="tile-does" value={does} onChange={setDoes} aria-label={t('does')} options={[{ value: 'filter', icon: <FilterOutlined />, label: t('doesFilter') }, { value: 'customers', icon: <TeamOutlined />, label: t('doesOpen') }]} />}
      <Async of={answer}>{(data) => data.rows.columns.length >= dimensions.length + shelves.measures.length && <Result shelves={shelves} rows={data.rows} chart={tile.chart} pick={pick} title={tile.title} height={Math.max(120, height)} />}</Async>
      {group && asked && <Behind title={tile.title} about={(open ?? []).map((value) => String(value ?? '—')).join(' · ')} queryKey={['explore', asked, group]} fetch={(page, signal) => behindGroup(asked, group, page, signal)} close={() => setOpen(undefined)} />}
    </>
  );
}
