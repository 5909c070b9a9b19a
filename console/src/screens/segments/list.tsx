// All segments, and how those that are marked overlap.

import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { usePurpose } from '@/app/purpose';
import { Async, Empty } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, Share, useLanguage, When } from '@/ui/values';
import { Overlap } from './overlap';
import { type SegmentLine, segmentsQuery } from './queries';
import { listRoute } from './routes';
import './segments.css';

/** More make a picture that nobody can read. */
const BESIDE_MAX = 5;

export function SegmentsScreen() {
  const { t } = useTranslation('segments');
  const [purpose] = usePurpose();
  const { find = '', beside = [] } = listRoute.useSearch();
  const navigate = listRoute.useNavigate();
  const segments = useQuery(segmentsQuery(purpose));
  const search = (change: object) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <Page
      title={t('title')}
      about={t('about')}
      actions={
        <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => void navigate({ to: '/segments/new' })}>
          {t('new')}
        </Button>
      }
    >
      {beside.length > 1 && segments.data && <Overlap names={beside} lines={segments.data} purpose={purpose} clear={() => search({ beside: undefined })} />}
      <Panel flush title={t('all')} extra={<Input allowClear value={find} onChange={(event) => search({ find: event.target.value || undefined })} placeholder={t('find')} aria-label={t('find')} style={{ width: 240 }} />}>
        <Async of={segments} empty={<Empty title={t('none')} next={t('noneNext')} />}>
          {(lines) => <SegmentTable lines={lines} find={find} beside={beside} mark={(names) => search({ beside: names.length > 0 ? names : undefined })} />}
        </Async>
      </Panel>
    </Page>
  );
}

interface SegmentTableProps {
  lines: SegmentLine[];
  find: string;
  beside: string[];
  mark: (names: string[]) => void;
}

function SegmentTable({ lines, find, beside, mark }: SegmentTableProps) {
  const { t } = useTranslation('segments');
  const language = useLanguage();
  const wanted = find.trim().toLowerCase();
  const shown = lines.filter((line) => `${line.name} ${line.zh} ${line.en}`.toLowerCase().includes(wanted));
  const columns: TableColumnsType<SegmentLine> = [
    { title: t('column.name'), key: 'name', sorter: (a, b) => a[language].localeCompare(b[language], language), render: (_, line) => <Name line={line} /> },
    { title: t('column.kind'), key: 'kind', render: (_, line) => <Kind line={line} /> },
    { title: t('column.size'), key: 'size', align: 'right', defaultSortOrder: 'descend', sorter: (a, b) => (a.size ?? -1) - (b.size ?? -1), render: (_, line) => <Num value={line.size} /> },
    { title: t('column.share'), key: 'share', align: 'right', render: (_, line) => <Share value={line.share} /> },
    { title: t('column.purposes'), key: 'purposes', render: (_, line) => <span className="row">{line.purposes.map((each) => <Pill key={each}>{t(`common:purpose.${each}`)}</Pill>)}</span> },
    { title: t('column.asOf'), key: 'as_of', sorter: (a, b) => (a.followed ?? a.as_of ?? 0) - (b.followed ?? b.as_of ?? 0), render: (_, line) => <Age line={line} /> },
  ];
  return (
    <DataTable
      rowKey="name"
      columns={columns}
      dataSource={shown}
      pagination={shown.length > 50 ? { pageSize: 50 } : false}
      locale={{ emptyText: <Empty title={t('noneFound')} /> }}
      rowSelection={{
        selectedRowKeys: beside,
        hideSelectAll: true,
        columnTitle: <span className="visually-hidden">{t('column.mark')}</span>,
        onChange: (names) => mark(names.slice(-BESIDE_MAX) as string[]),
        getCheckboxProps: (line) => ({ 'aria-label': t('markOf', { name: line[language] || line.name }), disabled: line.size === null || line.size === undefined } as object),
      }}
    />
  );
}

function Name({ line }: { line: SegmentLine }) {
  const language = useLanguage();
  return (
    <span className="segment-name">
      <Link to="/segments/$name" params={{ name: line.name }}>
        {line[language] || line.name}
      </Link>
      <code className="quiet">{line.name}</code>
    </span>
  );
}

function Kind({ line }: { line: SegmentLine }) {
  const { t, i18n } = useTranslation('segments');
  return i18n.exists(`segments:kind.${line.kind}`) ? t(`kind.${line.kind}`) : line.kind;
}

export function Age({ line }: { line: SegmentLine }) {
  const { t } = useTranslation('segments');
  if (line.size === null || line.size === undefined) return <Pill tone="warn">{t('neverDecided')}</Pill>;
  return (
    <span className="row">
      <When at={line.followed ?? line.as_of} as="near" />
      {line.follows && <Pill tone="good" title={t('followsAbout')}>{t('follows')}</Pill>}
      {line.stale.length > 0 && <Pill tone="warn" title={line.stale.join('\n')}>{t('stale')}</Pill>}
    </span>
  );
}
