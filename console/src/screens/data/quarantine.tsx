// Records that could not be stored: what is wrong, which ones, and once they are mended, again.

import { ReloadOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/app/session';
import { Async, Empty, ErrorNote } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { JobProgress } from '@/ui/job';
import { Panel } from '@/ui/page';
import { Num } from '@/ui/values';
import { Bad } from './outcome-bar';
import { type QuarantineCount, quarantineQuery, recordsQuery, useBegin } from './queries';
import { qualityRoute } from './routes';

export function Quarantine() {
  const { t } = useTranslation('data');
  const { source, raw } = qualityRoute.useSearch();
  const navigate = qualityRoute.useNavigate();
  const queries = useQueryClient();
  const counts = useQuery(quarantineQuery);
  const may = useMay('ingest');
  const begin = useBegin();
  const [job, setJob] = useState<string>();
  const retry = (sources: string[]) => begin.mutate({ kind: 'retry_quarantined', sources }, { onSuccess: ({ id }) => setJob(id) });
  return (
    <div className="stack">
      {begin.error && <ErrorNote error={begin.error} />}
      {job && <Panel><JobProgress key={job} id={job} onEnd={() => void queries.invalidateQueries({ queryKey: ['data'] })} /></Panel>}
      <Panel title={t('quarantine.title')} about={t('quarantine.about')} flush extra={may && <Button icon={<ReloadOutlined />} loading={begin.isPending} onClick={() => retry([])}>{t('quarantine.retryAll')}</Button>}>
        <Async of={counts} empty={<Empty title={t('quarantine.none')} next={t('quarantine.noneNext')} />}>
          {(all) => <Wrong all={all} retry={may ? retry : undefined} />}
        </Async>
      </Panel>
      {source && <Records key={source} source={source} raw={raw === true} showRaw={(on) => void navigate({ search: (before) => ({ ...before, raw: on || undefined }), replace: true })} />}
    </div>
  );
}

interface WrongProps {
  all: QuarantineCount[];
  retry: ((sources: string[]) => void) | undefined;
}

function Wrong({ all, retry }: WrongProps) {
  const { t } = useTranslation('data');
  const navigate = qualityRoute.useNavigate();
  return (
    <DataTable<QuarantineCount>
      rowKey={(each) => `${each.source} ${each.mapping} ${each.code} ${each.column ?? ''}`}
      size="small"
      dataSource={all}
      columns={[
        { title: t('sources.name'), key: 'source', render: (_, each) => <button type="button" className="as-link" onClick={() => void navigate({ search: (before) => ({ ...before, source: each.source, raw: undefined }) })}>{each.source}</button> },
        { title: t('quarantine.mapping'), dataIndex: 'mapping' },
        { title: t('quarantine.wrong'), key: 'code', render: (_, each) => <code>{each.code}</code> },
        { title: t('quality.column'), key: 'column', render: (_, each) => (each.column ? <code>{each.column}</code> : <span className="quiet">—</span>) },
        { title: t('quarantine.waiting'), key: 'waiting', align: 'right', defaultSortOrder: 'descend', sorter: (a, b) => a.waiting - b.waiting, render: (_, each) => <Bad count={each.waiting} /> },
        { title: t('quarantine.resolved'), key: 'resolved', align: 'right', render: (_, each) => <Num value={each.resolved} /> },
        ...(retry ? [{ title: <span className="visually-hidden">{t('quarantine.retry')}</span>, key: 'retry', render: (_: unknown, each: QuarantineCount) => <Button size="small" disabled={each.waiting === 0} onClick={() => retry([each.source])} aria-label={t('quarantine.retryOf', { source: each.source })}>{t('quarantine.retry')}</Button> }] : []),
      ]}
    />
  );
}

interface RecordsProps {
  source: string;
  raw: boolean;
  showRaw: (on: boolean) => void;
}

function Records({ source, raw, showRaw }: RecordsProps) {
  const { t } = useTranslation('data');
  const records = useQuery(recordsQuery(source, raw));
  const may = useMay('read_quarantined');
  return (
    <Panel title={t('quarantine.records', { source })} flush extra={may && <Button size="small" onClick={() => showRaw(!raw)}>{t(raw ? 'quarantine.hideRaw' : 'quarantine.showRaw')}</Button>}>
      {raw && <Alert type="warning" showIcon banner title={t('quarantine.logged')} />}
      <Async of={records} empty={<Empty title={t('quarantine.none')} />}>
        {(all) => (
          <DataTable
            rowKey="id"
            size="small"
            dataSource={all}
            pagination={all.length > 25 ? { pageSize: 25 } : false}
            columns={[
              { title: t('loads.file'), key: 'file', render: (_, each) => <code className="small">{each.file}:{each.row_number}</code> },
              { title: t('quarantine.wrong'), key: 'reason', render: (_, each) => <span className="named"><span>{each.reason}</span><code className="quiet small">{each.code}{each.column ? ` · ${each.column}` : ''}</code></span> },
              ...(raw ? [{ title: t('quarantine.raw'), key: 'raw', render: (_: unknown, each: (typeof all)[number]) => <code className="raw-record">{each.raw ?? '—'}</code> }] : []),
            ]}
          />
        )}
      </Async>
    </Panel>
  );
}
