// A chart and the same numbers as a table. The engine (209 kB) comes when the first chart does.
//
// Give `option` by `useMemo`: a new object is a redraw. `onPick` gets what was clicked; whatever it opens must also be
// reachable without a mouse, from the table (`columns[].pick`) or from the screen itself.

import { BarChartOutlined, DownloadOutlined, TableOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { save as saveFile } from '@/api/save';
import { useMode } from '@/theme/mode';
import { palettes } from '@/theme/tokens';
import { Waiting } from '../async';
import { chartTheme } from './theme';

const PNG_SCALE = 2;

export interface ChartTable {
  columns: { title: string; right?: boolean }[];
  rows: ReactNode[][];
}

export interface Picked {
  seriesIndex?: number;
  seriesName?: string;
  dataIndex: number;
  name: string;
  data: unknown;
  dataType?: string;
}

interface ChartProps {
  option: EChartsCoreOption;
  /** What the chart shows, in a sentence, for those who hear it. */
  label: string;
  table: ChartTable;
  height?: number;
  onPick?: (picked: Picked) => void;
  /** The name of the picture when it is saved; without one it cannot be. */
  saveAs?: string;
}

export function Chart({ option, label, table, height = 300, onPick, saveAs }: ChartProps) {
  const { t } = useTranslation('common');
  const [asTable, setAsTable] = useState(false);
  const chart = useRef<EChartsType>(null);
  return (
    <figure className="chart-frame">
      <div className="chart-bar">
        {saveAs && !asTable && <Button size="small" type="text" icon={<DownloadOutlined aria-hidden />} aria-label={t('chart.save')} title={t('chart.save')} onClick={() => save(chart.current, saveAs)} />}
        <Button size="small" type="text" icon={asTable ? <BarChartOutlined aria-hidden /> : <TableOutlined aria-hidden />} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {t(asTable ? 'chart.asChart' : 'chart.asTable')}
        </Button>
      </div>
      {asTable ? <PlainTable table={table} label={label} /> : <Canvas option={option} label={label} height={height} onPick={onPick} keep={chart} />}
    </figure>
  );
}

/** As PNG at twice its size: sharp in a report. The picture is drawn here; nothing is asked of anybody. */
function save(chart: EChartsType | null, name: string): void {
  if (!chart) return;
  const [width, height] = [chart.getWidth(), chart.getHeight()];
  const image = new Image(width, height);
  image.addEventListener('load', () => {
    const canvas = document.createElement('canvas');
    canvas.width = width * PNG_SCALE;
    canvas.height = height * PNG_SCALE;
    const pen = canvas.getContext('2d');
    if (!pen) return;
    pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface');
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((file) => file && saveFile(file, `${name}.png`), 'image/png');
  });
  image.src = chart.getDataURL({ type: 'svg' });
}

interface CanvasProps {
  option: EChartsCoreOption;
  label: string;
  height: number;
  onPick?: (picked: Picked) => void;
  keep: React.RefObject<EChartsType | null>;
}

function Canvas({ option, label, height, onPick, keep }: CanvasProps) {
  const mode = useMode();
  const box = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  const pick = useRef(onPick);
  useEffect(() => {
    pick.current = onPick;
  }, [onPick]);

  useEffect(() => {
    let gone = false;
    let stop = () => {};
    void import('./engine').then(({ init }) => {
      const element = box.current;
      if (gone || !element) return;
      const made = init(element, chartTheme(mode), { renderer: 'svg' });
      made.on('click', (event) => pick.current?.(event as unknown as Picked));
      const watch = new ResizeObserver(() => made.resize());
      watch.observe(element);
      keep.current = made;
      setReady(true);
      stop = () => {
        watch.disconnect();
        made.dispose();
        keep.current = null;
        setReady(false);
      };
    });
    return () => {
      gone = true;
      stop();
    };
  }, [mode, keep]);

  useEffect(() => {
    if (ready) keep.current?.setOption({ animation: !matchMedia('(prefers-reduced-motion: reduce)').matches, ...option }, { notMerge: true });
  }, [ready, option, keep]);

  return (
    <div style={{ position: 'relative' }}>
      {!ready && <Waiting />}
      <div ref={box} role="img" aria-label={label} className="chart-canvas" style={{ height, position: ready ? 'static' : 'absolute', background: palettes[mode].surface }} />
    </div>
  );
}

interface PlainTableProps {
  table: ChartTable;
  label: string;
}

export function PlainTable({ table, label }: PlainTableProps) {
  return (
    // Scrolls, so it must be reachable by the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="chart-table" tabIndex={0} role="region" aria-label={label}>
      <table className="plain-table">
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.title} scope="col" className={column.right ? 'right' : ''}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, nth) => (
            // Rows of a chart have no key of their own and never move.
            // oxlint-disable-next-line react/no-array-index-key
            <tr key={nth}>
              {row.map((cell, at) => (
                <td key={table.columns[at]?.title} className={table.columns[at]?.right ? 'right' : ''}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
