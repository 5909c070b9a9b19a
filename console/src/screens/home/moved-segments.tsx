// Segments, those that moved most since a day ago first.

import { Link, useRouter } from '@tanstack/react-router';
import { Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, Share, useLanguage, When } from '@/ui/values';
import type { Home } from './home';

type Line = Home['segments'][number];

const SHOWN_MAX = 8;

export function MovedSegments({ segments }: { segments: Line[] }) {
  const { t } = useTranslation('home');
  const router = useRouter();
  const language = useLanguage();
  const columns: TableColumnsType<Line> = [
    { title: t('segments.name'), key: 'name', render: (_, line) => <Link to={'/segments/$name'} params={{ name: line.name }}>{line[language] || line.name}</Link> },
    { title: t('segments.size'), key: 'size', align: 'right', render: (_, { size }) => <Num value={size} /> },
    { title: t('segments.share'), key: 'share', align: 'right', render: (_, { share }) => <Share value={share} /> },
    { title: t('segments.asOf'), key: 'as_of', responsive: ['sm'], render: (_, line) => (line.stale.length > 0 ? <Pill tone="warn" title={line.stale.join('\n')}>{t('segments.stale')}</Pill> : <When at={line.followed ?? line.as_of} as="near" />) },
  ];
  return (
    <Panel title={t('segments.title')} about={t('segments.about')} flush extra={'/segments' in router.routesByPath && <Link to="/segments">{t('segments.all')}</Link>}>
      {segments.length === 0 ? <Empty title={t('segments.none')} next={t('segments.noneNext')} /> : <Table size="small" rowKey="name" pagination={false} columns={columns} dataSource={segments.slice(0, SHOWN_MAX)} scroll={{ x: 'max-content' }} />}
    </Panel>
  );
}
