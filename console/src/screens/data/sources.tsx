// Where records come from, and what became of each load.

import { DownloadOutlined, ReloadOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/app/session';
import { Async, Empty, ErrorNote } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { JobProgress } from '@/ui/job';
import { Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, When } from '@/ui/values';
import { Bad, OutcomeBar, OutcomeLegend } from './outcome-bar';
import { type Load, loadsQuery, type NewJob, type Source, sourcesQuery, useBegin } from './queries';
import { dataRoute } from './routes';
import './data.css';

export function SourcesScreen() {
  const { t } = useTranslation('data');
  const { source } = dataRoute.useSearch();
  const navigate = dataRoute.useNavigate();
  const queries = useQueryClient();
  const sources = useQuery(sourcesQuery);
  const loads = useQuery(loadsQuery(source));
  const [job, setJob] = useState<string>();
  const begin = useBegin();
  const start = (what: NewJob) => begin.mutate(what, { onSuccess: ({ id }) => setJob(id) });
  return (
    <Page title={t('sources.title')} about={t('sources.about')} actions={<Work start={start} busy={begin.isPending} />}>
      {begin.error && <ErrorNote error={begin.error} />}
      {job && <Panel><JobProgress key={job} id={job} onEnd={() => void queries.invalidateQueries({ queryKey: ['data'] })} /></Panel>}
      <Panel title={t('sources.all')} extra={<OutcomeLegend />} flush>
        <Async of={sources} empty={<Empty title={t('sources.none')} next={t('sources.noneNext')} />}>
          {(all) => <Sources all={all} start={start} />}
        </Async>
      </Panel>
      <Panel title={source ? t('loads.of', { source }) : t('loads.title')} about={t('loads.about')} flush extra={source && <Button size="small" onClick={() => void navigate({ search: (before) => ({ ...before, source: undefined }) })}>{t('loads.all')}</Button>}>
        <Async of={loads} empty={<Empty title={t('loads.none')} />}>{(all) => <Loads all={all} />}</Async>
      </Panel>
    </Page>
  );
}

interface WorkProps {
  start: (what: NewJob) => void;
  busy: boolean;
}

function Work({ start, busy }: WorkProps) {
  const { t } = useTranslation('data');
  const [ingest, resolve, profile] = [useMay('ingest'), useMay('resolve'), useMay('profile')];
  const more = [
    ...(ingest ? [{ key: 'retry_quarantined', label: t('common:job.kind.retry_quarantined') }] : []),
    ...(resolve ? [{ key: 'resolve', label: t('common:job.kind.resolve') }] : []),
    ...(profile ? [{ key: 'run', label: t('common:job.kind.run') }] : []),
  ];
  const begin = (key: string) => start(key === 'retry_quarantined' ? { kind: 'retry_quarantined' } : key === 'resolve' ? { kind: 'resolve' } : { kind: 'run' });
  return (
    <>
      {more.length > 0 && (
        <Dropdown trigger={['click']} menu={{ items: more, onClick: ({ key }) => begin(key) }}>
          <Button icon={<ReloadOutlined />}>{t('more')}</Button>
        </Dropdown>
      )}
      {ingest && <Button type="primary" icon={<DownloadOutlined />} loading={busy} onClick={() => start({ kind: 'ingest' })}>{t('loadAll')}</Button>}
    </>
  );
}

interface SourcesProps {
  all: Source[];
  start: (what: NewJob) => void;
}

function Sources({ all, start }: SourcesProps) {
  const { t } = useTranslation('data');
  const may = useMay('ingest');
  return (
    <DataTable<Source>
      rowKey="name"
      size="small"
      dataSource={all}
      columns={[
        { title: t('sources.name'), key: 'name', sorter: (a, b) => a.name.localeCompare(b.name), render: (_, of) => <span className="named data-about"><Link to="/data" search={(before) => ({ ...before, source: of.name })}>{of.name}</Link><span className="quiet small">{of.about}</span></span> },
        { title: t('sources.tables'), key: 'tables', render: (_, of) => <span className="row">{of.tables.map((table) => <Link key={table} to="/quality" search={{ table }} className="pill">{table}</Link>)}</span> },
        { title: t('sources.loads'), key: 'loads', align: 'right', sorter: (a, b) => a.loads - b.loads, render: (_, of) => <Num value={of.loads} /> },
        { title: t('read'), key: 'read', align: 'right', sorter: (a, b) => a.counts.read - b.counts.read, render: (_, of) => <Num value={of.counts.read} /> },
        { title: t('outcomes'), key: 'bar', width: 180, render: (_, of) => <OutcomeBar counts={of.counts} /> },
        { title: t('outcome.quarantined'), key: 'quarantined', align: 'right', sorter: (a, b) => a.counts.quarantined - b.counts.quarantined, render: (_, of) => (of.counts.quarantined > 0 ? <Link to="/quality" search={{ part: 'quarantine', source: of.name }}><Bad count={of.counts.quarantined} /></Link> : <Bad count={0} />) },
        { title: t('sources.last'), key: 'last', sorter: (a, b) => (a.loaded_at ?? 0) - (b.loaded_at ?? 0), render: (_, of) => <When at={of.loaded_at} as="near" /> },
        ...(may ? [{ title: <span className="visually-hidden">{t('load')}</span>, key: 'go', render: (_: unknown, of: Source) => <Button size="small" onClick={() => start({ kind: 'ingest', sources: [of.name] })} aria-label={t('loadOf', { source: of.name })}>{t('load')}</Button> }] : []),
      ]}
    />
  );
}

const stateTones = { planned: 'plain', prepared: 'info', done: 'good' } as const;

function Loads({ all }: { all: Load[] }) {
  const { t } = useTranslation('data');
  return (
    <DataTable<Load>
      rowKey="id"
      size="small"
      dataSource={all}
      pagination={all.length > 25 ? { pageSize: 25 } : false}
      columns={[
        { title: t('loads.when'), key: 'at', render: (_, of) => <When at={of.started_at} /> },
        { title: t('sources.name'), key: 'source', render: (_, of) => of.source },
        { title: t('loads.file'), key: 'file', render: (_, of) => <code className="small">{of.file}</code> },
        { title: t('loads.table'), dataIndex: 'table' },
        { title: t('loads.state'), key: 'state', render: (_, of) => <Pill tone={stateTones[of.state as keyof typeof stateTones] ?? 'plain'}>{t(`loadState.${of.state}`)}</Pill> },
        { title: t('read'), key: 'read', align: 'right', render: (_, of) => <Num value={of.counts.read} /> },
        { title: t('outcomes'), key: 'bar', width: 180, render: (_, of) => <OutcomeBar counts={of.counts} /> },
        { title: t('outcome.stored'), key: 'stored', align: 'right', render: (_, of) => <Num value={of.counts.stored} /> },
        { title: t('outcome.duplicate'), key: 'duplicate', align: 'right', render: (_, of) => <Num value={of.counts.duplicate} /> },
        { title: t('outcome.quarantined'), key: 'quarantined', align: 'right', render: (_, of) => <Bad count={of.counts.quarantined} /> },
        { title: t('outcome.refused'), key: 'refused', align: 'right', render: (_, of) => <Num value={of.counts.refused} /> },
      ]}
    />
  );
}
