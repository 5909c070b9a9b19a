// Quality by table and column, and what waits in the quarantine.

import { useQuery } from '@tanstack/react-query';
import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { Async, Empty } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Page, Panel } from '@/ui/page';
import { Num, Share } from '@/ui/values';
import { Bad, OutcomeBar, OutcomeLegend } from './outcome-bar';
import { Quarantine } from './quarantine';
import { type ColumnQuality, qualityQuery, type TableQuality } from './queries';
import { qualityRoute } from './routes';
import './data.css';

export function QualityScreen() {
  const { t } = useTranslation('data');
  const { part = 'tables', table } = qualityRoute.useSearch();
  const navigate = qualityRoute.useNavigate();
  return (
    <Page title={t('quality.title')} about={t('quality.about')}>
      <Tabs
        activeKey={part}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, part: next as typeof part, source: undefined, raw: undefined }) })}
        destroyOnHidden
        items={[
          { key: 'tables', label: t('quality.tables'), children: <Tables open={table} choose={(next) => void navigate({ search: (before) => ({ ...before, table: next }), replace: true })} /> },
          { key: 'quarantine', label: t('quality.quarantine'), children: <Quarantine /> },
        ]}
      />
    </Page>
  );
}

interface TablesProps {
  open: string | undefined;
  choose: (table: string | undefined) => void;
}

function Tables({ open, choose }: TablesProps) {
  const { t } = useTranslation('data');
  const quality = useQuery(qualityQuery);
  return (
    <Panel title={t('quality.tables')} about={t('quality.tablesAbout')} extra={<OutcomeLegend />} flush>
      <Async of={quality} empty={<Empty title={t('quality.none')} next={t('sources.noneNext')} />}>
        {(tables) => (
          <DataTable<TableQuality>
            rowKey="table"
            size="small"
            dataSource={tables}
            expandable={{ expandedRowKeys: open ? [open] : [], onExpand: (more, of) => choose(more ? of.table : undefined), expandedRowRender: (of) => <Columns of={of} />, columnTitle: <span className="visually-hidden">{t('quality.columns')}</span> }}
            columns={[
              { title: t('quality.table'), key: 'table', sorter: (a, b) => a.table.localeCompare(b.table), render: (_, of) => <button type="button" className="as-link" aria-expanded={open === of.table} onClick={() => choose(open === of.table ? undefined : of.table)}>{of.table}</button> },
              { title: t('quality.rows'), key: 'rows', align: 'right', sorter: (a, b) => a.rows - b.rows, render: (_, of) => <Num value={of.rows} /> },
              { title: t('outcomes'), key: 'bar', width: 160, render: (_, of) => <OutcomeBar counts={of.counts} /> },
              { title: t('quality.validity'), key: 'validity', align: 'right', render: (_, of) => <Meter value={of.validity} /> },
              { title: t('quality.consistency'), key: 'consistency', align: 'right', render: (_, of) => <Meter value={of.consistency} /> },
              { title: t('quality.uniqueness'), key: 'uniqueness', align: 'right', render: (_, of) => <Meter value={of.uniqueness} /> },
              { title: t('outcome.quarantined'), key: 'quarantined', align: 'right', sorter: (a, b) => a.counts.quarantined - b.counts.quarantined, render: (_, of) => <Bad count={of.counts.quarantined} /> },
              { title: t('quality.newest'), key: 'newest', render: (_, of) => <span className="num nowrap">{of.newest_known_at?.replace('T', ' ').slice(0, 16) ?? '—'}</span> },
            ]}
          />
        )}
      </Async>
    </Panel>
  );
}

function Meter({ value }: { value: number | null | undefined }) {
  return (
    <span className="quality-meter">
      <Share value={value} digits={value !== null && value !== undefined && value > 0.99 && value < 1 ? 2 : 1} />
      {value !== null && value !== undefined && <meter min={0} max={1} value={value} aria-hidden="true" />}
    </span>
  );
}

function Columns({ of }: { of: TableQuality }) {
  const { t } = useTranslation('data');
  return (
    <DataTable<ColumnQuality>
      rowKey="column"
      size="small"
      dataSource={of.columns}
      columns={[
        { title: t('quality.column'), key: 'column', render: (_, column) => <code>{column.column}</code> },
        { title: t('quality.completeness'), key: 'completeness', align: 'right', sorter: (a, b) => (a.completeness ?? 0) - (b.completeness ?? 0), render: (_, column) => <Meter value={column.completeness} /> },
        { title: t('quality.distinct'), key: 'distinct', align: 'right', sorter: (a, b) => a.distinct - b.distinct, render: (_, column) => <Num value={column.distinct} /> },
        { title: t('quality.bounds'), key: 'bounds', render: (_, column) => (column.bounds?.some((end) => end !== '') ? <span className="num nowrap">{column.bounds.map((end) => end.replace('T', ' ').slice(0, 19)).join(' … ')}</span> : <span className="quiet">—</span>) },
        { title: t('outcome.quarantined'), key: 'quarantined', align: 'right', render: (_, column) => <Bad count={column.quarantined} /> },
      ]}
    />
  );
}
