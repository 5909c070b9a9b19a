// The latest loads, with what became of their records.

import { Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, When } from '@/ui/values';
import type { Home } from './home';

type Load = Home['loads'][number];

const SHOWN_MAX = 8;

export function LoadsPanel({ loads }: { loads: Load[] }) {
  const { t } = useTranslation('home');
  const columns: TableColumnsType<Load> = [
    { title: t('loads.source'), key: 'source', render: (_, load) => <span title={load.file}>{load.source} → {load.table}</span> },
    { title: t('loads.stored'), key: 'stored', align: 'right', render: (_, { counts }) => <Num value={counts.stored} /> },
    { title: t('loads.quarantined'), key: 'quarantined', align: 'right', render: (_, { counts }) => (counts.quarantined > 0 ? <span className="delta-bad"><Num value={counts.quarantined} /></span> : <Num value={0} />) },
    { title: t('loads.when'), key: 'when', responsive: ['sm'], render: (_, load) => (load.finished_at ? <When at={load.finished_at} as="near" /> : <Pill tone="info">{t('loads.running')}</Pill>) },
  ];
  return (
    <Panel title={t('loads.title')} flush>
      {loads.length === 0 ? <Empty title={t('loads.none')} next={t('loads.noneNext')} /> : <Table size="small" rowKey="id" pagination={false} columns={columns} dataSource={loads.slice(0, SHOWN_MAX)} scroll={{ x: 'max-content' }} />}
    </Panel>
  );
}
